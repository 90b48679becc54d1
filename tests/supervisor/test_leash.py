import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from entrypoints.supervisor.leash import LOWEST_DESCRIPTOR, Child, Leashed
from tests.supervisor.conftest import ROOT, Eventually, gone

_OWNER = """
import asyncio, sys
from pathlib import Path
from entrypoints.supervisor.leash import Child, Leashed

async def main():
    child = Child(name="shell", command=("/bin/sh", "-c", sys.argv[2]), log=Path(sys.argv[1]), patience=0.3)
    running = await Leashed.start(child)
    print(running.pid, flush=True)
    await running.wait()

asyncio.run(main())
"""


def shell(script: str, *, log: Path | None = None, patience: float = 10.0) -> Child:
    return Child(name="shell", command=("/bin/sh", "-c", script), log=log, patience=patience)


async def test_a_child_keeps_its_own_exit_code() -> None:
    running = await Leashed.start(shell("exit 7"))

    assert await running.wait() == 7
    assert running.ended


async def test_the_signal_a_child_died_of_is_told_by_a_negative_code() -> None:
    running = await Leashed.start(shell("kill -s KILL $$"))

    assert await running.wait() == -signal.SIGKILL


async def test_stopping_asks_by_the_childs_own_signal(tmp_path: Path, eventually: Eventually) -> None:
    log = tmp_path / "log"
    script = "trap 'exit 3' INT; echo up; while :; do sleep 0.01; done"
    child = Child(name="shell", command=("/bin/sh", "-c", script), stop_signal=signal.SIGINT, log=log)
    running = await Leashed.start(child)
    eventually(lambda: log.read_text() == "up\n")

    assert await running.stop() == 3


async def test_a_child_that_does_not_listen_is_killed_with_its_own_children(
    tmp_path: Path, eventually: Eventually
) -> None:
    log = tmp_path / "log"
    running = await Leashed.start(shell("trap '' TERM; sleep 600 & echo $!; wait", log=log, patience=0.1))
    eventually(lambda: log.read_text().endswith("\n"))
    grandchild = psutil.Process(int(log.read_text()))

    assert await running.stop() == -signal.SIGKILL

    eventually(lambda: gone(grandchild))


async def test_what_an_ended_child_left_behind_is_killed(tmp_path: Path, eventually: Eventually) -> None:
    log = tmp_path / "log"
    running = await Leashed.start(shell("sleep 600 & echo $!", log=log))

    assert await running.wait() == 0

    grandchild = int(log.read_text())
    eventually(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE)


async def test_a_stopped_child_may_be_stopped_again() -> None:
    running = await Leashed.start(shell("exec sleep 600"))

    assert await running.stop() == await running.stop() == -signal.SIGTERM


def test_a_child_whose_owner_is_killed_is_asked_and_then_killed(tmp_path: Path, eventually: Eventually) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", _OWNER, str(log), "trap 'echo asked' TERM; echo up; while :; do sleep 0.01; done"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as owner:  # noqa: S603 - a command of ours
        assert owner.stdout
        child = psutil.Process(int(owner.stdout.readline()))
        eventually(lambda: log.exists() and log.read_text() == "up\n")
        owner.kill()

    eventually(lambda: gone(child))
    assert log.read_text() == "up\nasked\n"


async def test_more_output_than_a_pipe_holds_does_not_stop_a_child(tmp_path: Path) -> None:
    running = await Leashed.start(shell("head -c 1000000 /dev/zero", log=tmp_path / "log"))

    assert await running.wait() == 0
    assert (tmp_path / "log").stat().st_size == 1_000_000


async def test_a_log_is_continued_until_it_is_long_and_then_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for _ in range(2):
        await (await Leashed.start(shell("echo word", log=log))).wait()
    assert log.read_text() == "word\nword\n"

    os.truncate(log, 17 * 1024 * 1024)
    await (await Leashed.start(shell("echo word", log=log))).wait()

    assert log.read_text() == "word\n"
    assert (tmp_path / "log.1").stat().st_size == 17 * 1024 * 1024


async def test_a_child_has_an_empty_stdin_and_a_session_of_its_own(tmp_path: Path, eventually: Eventually) -> None:
    log = tmp_path / "log"
    running = await Leashed.start(shell("cat; echo up; exec sleep 600", log=log))
    eventually(lambda: log.read_text() == "up\n")

    assert os.getsid(running.pid) == running.pid
    await running.stop()


async def test_a_command_that_does_not_exist_ends_with_127(tmp_path: Path) -> None:
    child = Child(name="none", command=(str(tmp_path / "none"),), log=tmp_path / "log")

    assert await (await Leashed.start(child)).wait() == 127


@pytest.mark.parametrize("moment", range(5))
async def test_a_start_cancelled_at_any_moment_leaves_no_process(moment: int, eventually: Eventually) -> None:
    starting = asyncio.create_task(Leashed.start(shell("exec sleep 600.25")))
    for _ in range(moment):
        await asyncio.sleep(0)
    starting.cancel()
    with suppress(asyncio.CancelledError):
        await (await starting).stop()
    eventually(lambda: not [child for child in psutil.Process().children() if "600.25" in child.cmdline()])


async def test_a_child_inherits_the_open_files_it_is_given_under_their_numbers(tmp_path: Path) -> None:
    with (tmp_path / "note").open("w", encoding="utf-8") as note:
        descriptor = fcntl.fcntl(note, fcntl.F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR)
        script = f"import os; os.write({descriptor}, b'inherited')"
        child = Child(name="python", command=(sys.executable, "-c", script), descriptors=(descriptor,))

        assert await (await Leashed.start(child)).wait() == 0

        os.close(descriptor)
    assert (tmp_path / "note").read_text(encoding="utf-8") == "inherited"
