import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil
import pytest

ROOT = Path(__file__).parents[2]
DEADLINE = 30.0  # seconds, for what takes a fraction of one


def gone(process: psutil.Process) -> bool:
    """Whether it has ended, even when nobody has taken note of it yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def words(process: psutil.Process) -> list[str]:
    """Its command line; nothing once it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


class Eventually(Protocol):
    def __call__(self, condition: Callable[[], bool]) -> None: ...


@pytest.fixture
def eventually() -> Eventually:
    """Wait until a condition holds, and fail when it never does."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    return wait


@dataclass(frozen=True, slots=True)
class Owner:
    """A process with servers and children of its own (`owner.py`)."""

    home: Path
    process: subprocess.Popen[str]

    def ready(self) -> dict[str, str]:
        """The servers' addresses, once all it runs is up."""
        addresses: dict[str, str] = json.loads(self.line())
        assert {self.line(), self.line()} == {"api is up", "worker is up"}
        return addresses

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def interrupt(self) -> None:
        """As a terminal's Ctrl-C does: to the whole foreground process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self) -> tuple[int, str]:
        """Its exit code and what it said on stderr."""
        _, complaint = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, complaint

    def processes(self) -> list[psutil.Process]:
        """All that runs for this home, whoever is its parent by now."""
        return [
            process
            for process in psutil.process_iter(["cmdline", "status"])
            if any(str(self.home) in word for word in process.info["cmdline"] or ())
            and process.info["status"] != psutil.STATUS_ZOMBIE
        ]


class StartOwner(Protocol):
    def __call__(
        self, home: Path, manner: str = "orderly", patience: float = 10.0, before: Sequence[str] = ()
    ) -> Owner: ...


@pytest.fixture
def start_owner() -> Iterator[StartOwner]:
    owners: list[Owner] = []

    def start(home: Path, manner: str = "orderly", patience: float = 10.0, before: Sequence[str] = ()) -> Owner:
        process = subprocess.Popen(  # noqa: S603 - a command of ours
            [*before, sys.executable, str(Path(__file__).with_name("owner.py")), str(home), manner, str(patience)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        owners.append(Owner(home, process))
        return owners[-1]

    yield start
    for owner in owners:
        owner.process.kill()
        for process in owner.processes():  # before what they may still write is waited for
            with suppress(psutil.NoSuchProcess):
                process.kill()
        owner.process.communicate()
