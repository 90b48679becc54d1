"""Where workers are in making a reply, told to the test, which can hold one there to kill something meanwhile."""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

ADDRESS = "SURVIVAL_POINTS"
NO_RUN = "-"


class Point(StrEnum):
    """A class of points in a job's life, in order."""

    BEFORE_CLAIM = "before_claim"
    CLAIMED = "claimed"
    MID_STREAM = "mid_stream"
    SAVED = "saved"
    """The text is saved, and its end not announced."""
    AFTER = "after"


Reached = Callable[[Point, str], Awaitable[None]]


async def reached(point: Point, run_id: str = NO_RUN) -> None:
    """Tells the test of a point, and returns when it lets this process go on, or is not there."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ[ADDRESS]))
        writer.write(f"{os.getpid()} {point} {run_id}\n".encode())
        await reader.readline()
        writer.close()
    except OSError:
        return


@dataclass(frozen=True, slots=True)
class Stop:
    """A worker at a point; `run_id` is `NO_RUN` before a claim."""

    pid: int
    point: Point
    run_id: str


@dataclass(slots=True)
class Watch:
    """Hears of all points, and holds who first reaches the one it waits for.

    Attributes:
        trail: what was reached in making each run, in order.
    """

    trail: defaultdict[str, list[Stop]] = field(default_factory=lambda: defaultdict[str, list[Stop]](list))
    server: asyncio.Server | None = None
    _serving: set[asyncio.Task[object]] = field(default_factory=set[asyncio.Task[object]])
    _awaited: Callable[[Stop], bool] | None = None
    _held: asyncio.Future[Stop] = field(default_factory=asyncio.Future[Stop])
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def arm(self, point: Point, nth: int = 1, *, other_than: int | None = None) -> None:
        """Holds the first worker but `other_than` that reaches `point` for the `nth` time in making the same run.

        Whoever is held already is released.
        """
        self.release()

        def awaited(stop: Stop) -> bool:
            times = sum((each.pid, each.point) == (stop.pid, point) for each in self.trail[stop.run_id])
            return stop.point is point and stop.pid != other_than and (times >= nth or stop.run_id == NO_RUN)

        self._awaited, self._held, self._released = awaited, asyncio.Future(), asyncio.Event()

    async def held(self) -> Stop:
        """Who is held, once one is."""
        return await asyncio.shield(self._held)

    def release(self) -> None:
        """Lets everybody go on."""
        self._awaited = None
        self._released.set()

    def phases(self) -> Counter[Point]:
        """How many of the runs under way or over were last at which point."""
        return Counter(stops[-1].point for run_id, stops in self.trail.items() if run_id != NO_RUN)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hears one worker out, and lets it go on."""
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            if line := await reader.readline():  # nothing, when it was killed just now
                pid, point, run_id = line.decode().split()
                await self._hear(Stop(int(pid), Point(point), run_id))
                writer.write(b"go\n")
        finally:
            writer.close()
            self._serving.discard(task)

    async def _hear(self, stop: Stop) -> None:
        self.trail[stop.run_id].append(stop)
        if self._awaited is None or not self._awaited(stop):
            return
        released = self._released
        if not self._held.done():
            self._held.set_result(stop)
        elif stop.point is not Point.BEFORE_CLAIM:  # of claims all wait, as any takes the job
            return
        await released.wait()

    async def close(self) -> None:
        """Hears nobody any more."""
        self.release()
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)


async def watching() -> tuple[Watch, str]:
    """A watch, and what workers must have as the environment's `ADDRESS` to be heard."""
    watch = Watch()
    watch.server = await asyncio.start_server(watch.serve, "127.0.0.1", 0)
    return watch, str(watch.server.sockets[0].getsockname()[1])
