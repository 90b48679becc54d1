import asyncio
import os
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from entrypoints.supervisor.errors import CannotStart
from entrypoints.supervisor.home import Home, secret_file
from tests.supervisor.conftest import ROOT


async def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    taken = asyncio.Event()

    async def second() -> None:
        async with Home(tmp_path / "home").lock():
            taken.set()

    async with Home(tmp_path / "home").lock():
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.05)
        assert not taken.is_set()
    await waiting

    assert taken.is_set()


async def test_waiting_long_for_a_lock_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with Home(tmp_path).lock():
        with pytest.raises(CannotStart):
            async with Home(tmp_path).lock(patience=3.0):
                pass

    assert capfd.readouterr().err.startswith(f"waiting for the Flightdeck in {tmp_path} (process ")


def test_a_home_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotStart, match="Set FLIGHTDECK_HOME"):
        Home(tmp_path / "file" / "home").folder("run")


def test_a_relative_home_is_meant_from_here() -> None:
    assert Home(Path(".flightdeck")).path == Path.cwd() / ".flightdeck"


def test_a_directory_for_links_that_others_could_write_to_is_refused(tmp_path: Path) -> None:
    script = "from entrypoints.supervisor.home import Home; from pathlib import Path; import sys\n"
    script += "with Home(Path(sys.argv[1])).sockets() as sockets: print(sockets)"
    command = [sys.executable, "-c", script, str(tmp_path / ("x" * 100))]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as short:  # not ours alone, as a stranger would have it
        (Path(short) / f"flightdeck-{os.getuid()}").mkdir()
        (Path(short) / f"flightdeck-{os.getuid()}").chmod(0o777)
        ended = subprocess.run(  # noqa: S603 - a command of ours
            command, env={**env, "TMPDIR": short}, capture_output=True, text=True, check=False
        )

    assert ended.stdout == ""
    assert "is not a directory of ours alone" in ended.stderr


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "home/secret-key"

    assert secret_file(path, lambda: "first") == "first"
    assert secret_file(path, lambda: "second") == "first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["secret-key"]


def test_many_who_make_a_secret_at_once_all_get_the_same(tmp_path: Path) -> None:
    numbers = count()

    def secret(_: int) -> str:
        return secret_file(tmp_path / "key", lambda: str(next(numbers)))

    with ThreadPoolExecutor(16) as pool:
        secrets = list(pool.map(secret, range(64)))

    assert len(set(secrets)) == 1
    assert [found.name for found in tmp_path.iterdir()] == ["key"]


def test_a_secret_that_could_not_be_made_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        secret_file(tmp_path / "key", broken)

    assert list(tmp_path.iterdir()) == []
