import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from entrypoints.supervisor.leash import Child
from entrypoints.supervisor.supervise import supervise
from tests.supervisor.conftest import DEADLINE


def shell(name: str, script: str, log: Path) -> Child:
    return Child(name=name, command=("/bin/sh", "-c", script), log=log)


def steady(folder: Path) -> Child:
    script = "trap 'echo stopped; exit' TERM; echo up; while :; do sleep 0.01; done"
    return shell("steady", script, folder / "steady.log")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


def said(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


async def until_said(log: Path, words: int) -> None:
    await until(lambda: len(said(log)) == words)


async def cancelled(task: asyncio.Task[int]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_child_killed_again_and_again_is_always_started_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    supervision = asyncio.create_task(supervise([shell("api", "echo $$; exec sleep 600", log)]))
    for times in range(1, 5):
        await until_said(log, times)
        os.kill(int(said(log)[-1]), signal.SIGKILL)
    await until_said(log, 5)

    await cancelled(supervision)

    assert capfd.readouterr().err.splitlines() == [
        f"api ended with signal 9: starting it again in {delay} s" for delay in ("0.1", "0.2", "0.4", "0.8")
    ]


async def test_a_wrong_configuration_stops_everything_at_once_with_its_code(tmp_path: Path) -> None:
    steady_log = tmp_path / "steady.log"
    wrong = shell("api", f"while ! grep -q up {steady_log}; do sleep 0.01; done; echo wrong; exit 78", tmp_path / "log")

    assert await supervise([steady(tmp_path), wrong]) == 78

    assert said(tmp_path / "log") == ["wrong"]
    assert said(steady_log) == ["up", "stopped"]


async def test_a_child_that_fails_from_the_beginning_is_given_up(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await supervise([steady(tmp_path), shell("api", "echo tried; exit 3", tmp_path / "log")]) == 3

    assert said(tmp_path / "log") == ["tried"] * 3
    assert capfd.readouterr().err.splitlines()[-1] == "api ended with exit code 3: not starting it again"


async def test_cancelling_stops_every_child(tmp_path: Path) -> None:
    supervision = asyncio.create_task(supervise([steady(tmp_path)]))
    await until(lambda: said(tmp_path / "steady.log") == ["up"])

    await cancelled(supervision)

    assert said(tmp_path / "steady.log") == ["up", "stopped"]


async def test_cancelling_ends_the_wait_for_a_next_try(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    supervision = asyncio.create_task(supervise([shell("api", "kill -s KILL $$", tmp_path / "log")]))
    await until(lambda: "starting it again" in capfd.readouterr().err)

    await cancelled(supervision)


async def test_what_runs_beside_the_children_is_cancelled_with_them(tmp_path: Path) -> None:
    ended = asyncio.Event()

    async def beside() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await supervise([shell("api", "exit 78", tmp_path / "log")], beside=beside)

    assert ended.is_set()


async def test_an_error_beside_the_children_stops_them_and_is_raised(tmp_path: Path) -> None:
    async def beside() -> None:
        await until(lambda: said(tmp_path / "steady.log") == ["up"])
        raise LookupError

    with pytest.raises(LookupError):
        await supervise([steady(tmp_path)], beside=beside)

    assert said(tmp_path / "steady.log") == ["up", "stopped"]


async def test_children_run_on_when_what_runs_beside_them_is_done(tmp_path: Path) -> None:
    async def beside() -> None:
        await until(lambda: said(tmp_path / "steady.log") == ["up"])

    supervision = asyncio.create_task(supervise([steady(tmp_path)], beside=beside))
    await until(lambda: said(tmp_path / "steady.log") == ["up"])
    done, _ = await asyncio.wait({supervision}, timeout=0.1)

    assert not done
    await cancelled(supervision)
