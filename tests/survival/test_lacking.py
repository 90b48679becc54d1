"""What replies survive by, taken out: the checker of the random kills sees each missing, and nothing when none is."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.processes import DEADLINE
from tests.survival.conftest import until
from tests.survival.points import NO_RUN, Point, Stop, Watch
from tests.survival.servers import addresses, end
from tests.survival.talk import Stage, Talk, staged

Scene = Callable[[Stage], Awaitable[list[str]]]
PATIENCE = 2.0  # seconds


async def a_reply_that_takes_longer_than_its_lease(stage: Stage) -> list[str]:
    """Nothing dies, and nobody else takes the job."""
    talk = await stage.talk("Say 280 words.")
    stage.watch.trail.clear()
    async with asyncio.TaskGroup() as group:
        holding = group.create_task(talk.hold())

        async def over() -> bool:
            return holding.done() or _taken_again(stage.watch)

        await until(over)
        holding.cancel()
    return talk.faults(stage.desk.instance, deaths=0)


async def a_worker_that_wakes_up_after_its_lease(stage: Stage) -> list[str]:
    """It sleeps in mid-stream until another has begun anew, and goes on while that one waits."""
    talk = await stage.talk("Say 20 words.")
    watch = stage.watch
    watch.arm(Point.MID_STREAM, nth=5)
    async with asyncio.TaskGroup() as group:
        group.create_task(_heard(stage, talk))
        stop = await watch.held()
        sleeper = psutil.Process(stop.pid)
        sleeper.send_signal(signal.SIGSTOP)
        watch.arm(Point.MID_STREAM, nth=3, other_than=stop.pid)
        await watch.held()
        sleeper.send_signal(signal.SIGCONT)
        with suppress(TimeoutError):  # it ends the reply now, unless it is kept from it
            async with asyncio.timeout(PATIENCE):
                await until(lambda: _ended(watch, stop))
        watch.release()
    return talk.faults(stage.desk.instance, deaths=1)


async def a_worker_that_dies_at_the_last_attempt(stage: Stage) -> list[str]:
    """It has shown text for more than a second, of which all but the last second must be kept."""
    talk = await stage.talk("Say 400 words.")
    stage.watch.arm(Point.MID_STREAM, nth=100)
    async with asyncio.TaskGroup() as group:
        group.create_task(_heard(stage, talk))
        stop = await stage.watch.held()
        with psycopg.connect(addresses(stage.desk.instance)[0]) as connection:
            connection.execute(
                "update jobs set failures = max_attempts - 1 where payload->>'run_id' = %s", [stop.run_id]
            )
        end(psutil.Process(stop.pid))
        stage.watch.release()
    faults = talk.faults(stage.desk.instance, deaths=1)
    ended = talk.reader.events[-1]
    assert ended.name == "error"
    return faults if ended.data["full_text"] else [*faults, "of a hundred words none was kept"]


def _taken_again(watch: Watch) -> bool:
    """Whether somebody has claimed what was claimed before."""
    claimed = Counter(run_id for run_id, stops in watch.trail.items() for stop in stops if stop.point is Point.CLAIMED)
    return any(count > 1 for run_id, count in claimed.items() if run_id != NO_RUN)


async def _ended(watch: Watch, stop: Stop) -> bool:
    return any((each.pid, each.point) == (stop.pid, Point.AFTER) for each in watch.trail[stop.run_id])


async def _heard(stage: Stage, talk: Talk) -> None:
    """Holds the talk, unless its end never comes, which the checker is to find: so it is without the fence."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DEADLINE / 3 if stage.without else DEADLINE):
            await talk.hold()


SCENES = {
    "lease": (a_reply_that_takes_longer_than_its_lease, "attempts for 0 deaths"),
    "fence": (a_worker_that_wakes_up_after_its_lease, "run and job did not end together"),
    "checkpoint": (a_worker_that_dies_at_the_last_attempt, "of a hundred words none was kept"),
}


@pytest.fixture(scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """An instance that lacks nothing."""
    async with staged(tmp_path_factory.mktemp("whole")) as stage:
        yield stage


@pytest.mark.parametrize("what", SCENES)
async def test_with_all_in_place_nothing_is_lost(whole: Stage, what: str) -> None:
    scene, _ = SCENES[what]
    assert await scene(whole) == []


@pytest.mark.parametrize("what", SCENES)
async def test_without_it_the_checker_finds_the_loss(tmp_path: Path, what: str) -> None:
    scene, loss = SCENES[what]
    async with staged(tmp_path, without=what) as stage:
        assert loss in "\n".join(await scene(stage))
