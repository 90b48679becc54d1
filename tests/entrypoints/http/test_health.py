import asyncio

from typing_extensions import override

from adapters.memory.clock import MemoryClock
from application.ports.health import Probe
from domain.errors import Unavailable
from entrypoints.http.health import Checkup


class Staged(Probe):
    """Counts its looks, each of which waits for `going`."""

    def __init__(self) -> None:
        self.looks = 0
        self.fault: Exception | None = None
        self.begun = asyncio.Event()
        self.going = asyncio.Event()
        self.going.set()

    @override
    async def check(self) -> str | None:
        self.looks += 1
        self.begun.set()
        await self.going.wait()
        if self.fault:
            raise self.fault
        return "fine"


class Seconds:
    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


class World:
    def __init__(self) -> None:
        self.probes = {name: Staged() for name in ("database", "redis", "worker")}
        self.seconds = Seconds()
        self.checkup = Checkup(self.probes, "1.2.3", MemoryClock(), self.seconds)

    @property
    def looks(self) -> list[int]:
        return [probe.looks for probe in self.probes.values()]


async def test_however_many_ask_each_probe_is_asked_once_at_a_time() -> None:
    world = World()
    database = world.probes["database"]
    database.going.clear()
    healths = [asyncio.create_task(world.checkup.health()) for _ in range(20)]
    readinesses = [asyncio.create_task(world.checkup.readiness()) for _ in range(20)]
    await database.begun.wait()
    database.going.set()
    await asyncio.gather(*healths, *readinesses)

    assert world.looks == [1, 1, 1]


async def test_a_look_is_told_again_for_a_second_with_how_long_it_took() -> None:
    world = World()
    first = await world.checkup.health()
    world.seconds.now += 0.9
    again = await world.checkup.health()
    assert again.checks == first.checks
    assert world.looks == [1, 1, 1]

    world.seconds.now += 0.1
    await world.checkup.health()
    assert world.looks == [2, 2, 2]


async def test_readiness_looks_at_no_more_than_it_tells() -> None:
    world = World()

    assert set((await world.checkup.readiness()).checks) == {"database", "redis"}
    assert world.looks == [1, 1, 0]


async def test_what_fails_is_told_for_a_second_too() -> None:
    world = World()
    world.probes["database"].fault = Unavailable("It is away.")
    assert not (await world.checkup.readiness()).ready
    world.probes["database"].fault = None
    health = await world.checkup.health()
    assert (health.status, health.checks["database"].detail) == ("unhealthy", "It is away.")

    world.seconds.now += 1
    assert (await world.checkup.health()).status == "healthy"


async def test_what_is_not_needed_only_degrades() -> None:
    world = World()
    world.probes["redis"].fault = Unavailable("It is away.")

    assert (await world.checkup.health()).status == "degraded"
    assert (await world.checkup.readiness()).ready


async def test_one_who_stops_asking_leaves_the_others_their_answer() -> None:
    world = World()
    database = world.probes["database"]
    database.going.clear()
    first = asyncio.create_task(world.checkup.readiness())
    await database.begun.wait()
    second = asyncio.create_task(world.checkup.readiness())
    first.cancel()
    await asyncio.wait([first])
    database.going.set()

    assert (await second).ready
    assert world.looks == [1, 1, 0]


async def test_a_look_that_nobody_foresaw_to_fail_is_not_kept() -> None:
    world = World()
    world.probes["database"].fault = ValueError("a fault of ours")
    seen = await asyncio.gather(world.checkup.readiness(), return_exceptions=True)
    assert isinstance(seen[0], ValueError)

    world.probes["database"].fault = None
    assert (await world.checkup.readiness()).ready
