import asyncio
import os
import sys
import time
from dataclasses import dataclass

from entrypoints.supervisor.leash import Child, Leashed

_FIRST_DELAY, _LONGEST_DELAY = 0.1, 10.0  # seconds
_STEADY = 30.0  # seconds a child lives before its earlier failures are forgotten
_FIRST_TRIES = 3


@dataclass(slots=True)
class _Record:
    """How a child has fared: what decides whether and when it is started again."""

    failures: int = 0
    proven: bool = False  # it once ran steadily, or ended in a way that says nothing about its set-up

    def note(self, code: int, lived: float) -> None:
        self.proven = self.proven or lived >= _STEADY or code <= 0
        self.failures = 1 if lived >= _STEADY else self.failures + 1

    def hopeless(self, code: int) -> bool:
        """Whether starting it again cannot help: a wrong configuration, or nothing but failures from the beginning."""
        return code == os.EX_CONFIG or (not self.proven and self.failures >= _FIRST_TRIES)

    def delay(self) -> float:
        return min(_FIRST_DELAY * 2.0 ** min(self.failures - 1, 10), _LONGEST_DELAY)


def say(line: str) -> None:
    """Tell whoever watches, in one line on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


async def keep(
    child: Child, *, running: Leashed | None = None, lock: int | None = None, hurry: asyncio.Event | None = None
) -> int:
    """Run a child, and run it again whenever it ends, with a growing delay; stop it when cancelled.

    Returns a child's exit code when running it again is pointless: it ended with 78 (`os.EX_CONFIG`, wrong
    configuration), or its first three tries all failed by themselves. `running` is a start already made.
    """
    record = _Record(proven=running is not None)
    while True:
        started = time.monotonic()
        running = running or await Leashed.start(child, lock=lock)
        try:
            code = await running.wait()
        except asyncio.CancelledError:
            await running.stop(hurry)
            raise
        running = None
        record.note(code, time.monotonic() - started)
        if record.hopeless(code):
            say(f"{child.name} ended with exit code {code}: not starting it again")
            return code
        say(f"{child.name} ended with {_told(code)}: starting it again in {record.delay():g} s")
        await asyncio.sleep(record.delay())


def _told(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
