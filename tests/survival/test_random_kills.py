"""Whatever is killed, and wherever in making a reply, nothing is lost or doubled: tried at random points."""

import asyncio
import os
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.processes import DEADLINE
from tests.soak import amount
from tests.survival.conftest import until
from tests.survival.points import Point
from tests.survival.servers import API, POSTGRES, VALKEY, end
from tests.survival.talk import Stage, Talk, question, staged

WORKER = "worker"
VICTIMS = {"api": API, WORKER: "watched_worker.py", "postgres": POSTGRES, "valkey": VALKEY}
AT_ONCE = len(VICTIMS) * len(Point)
SEED = int(os.environ.get("SURVIVAL_SEED", secrets.randbelow(10**9)))
MOST_SHOWN = 4
"""However few words a question is for, and however many of them a slow machine shows at once, it shows so often."""
Log = Counter[str]


@dataclass(frozen=True, slots=True)
class Kill:
    """What is killed, and at which point; None is at any time."""

    victim: str
    point: Point | None
    chance: Random

    def __str__(self) -> str:
        return f"{self.victim} {self.point or 'at any time'}"


def kills(seed: int) -> Sequence[Kill]:
    """Each process at each class of points, and some at a time that has nothing to do with points, in some order."""
    chance = Random(seed)  # noqa: S311 (a repeatable play)
    planned: list[tuple[str, Point | None]] = list(product(VICTIMS, Point))
    planned += [(victim, None) for victim in chance.sample(list(VICTIMS), amount(1, len(VICTIMS)))]
    chance.shuffle(planned)
    return [Kill(victim, point, Random(chance.random())) for victim, point in planned]  # noqa: S311 (the same)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(amount(1, 500 // AT_ONCE)))
async def test_whatever_is_killed_and_whenever_nothing_is_lost_or_doubled(
    tmp_path: Path, kill_log: Log, number: int
) -> None:
    hit, seed = Log(), SEED + number
    async with staged(tmp_path) as stage:
        for place, kill in enumerate(kills(seed), start=1):
            try:
                faults = await strike(stage, kill, hit)
            except BaseException as error:
                error.add_note(f"SURVIVAL_SEED={seed}: {kill}, the {place}. of {hit}")
                raise
            assert not faults, f"SURVIVAL_SEED={seed}: {kill}, the {place}. of {hit}\n{chr(10).join(faults)}"
    kill_log.update(hit)
    assert set(hit) >= {f"{victim} {point}" for victim in VICTIMS for point in Point}


async def strike(stage: Stage, kill: Kill, hit: Log) -> list[str]:
    """What is wrong after that kill, while one to three visitors talked."""
    chance, watch = kill.chance, stage.watch
    await until(stage.desk.healthy)
    talks = [await stage.talk(*_questions(chance)) for _ in range(chance.randint(1, 3))]
    watch.trail.clear()
    if kill.point is not None:
        watch.arm(kill.point, nth=chance.randint(1, MOST_SHOWN) if kill.point is Point.MID_STREAM else 1)
    if kill.point is Point.BEFORE_CLAIM:
        await watch.held()
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        for talk in talks:
            group.create_task(talk.hold())
        stop = await watch.held() if kill.point is not None else None
        if kill.point is Point.BEFORE_CLAIM and chance.random() < 0.5:
            await until(lambda: _asked(talks))
        await asyncio.sleep(chance.uniform(0, 0.05 if kill.point is not None else 1.0))
        _note(hit, kill, talks, watch.phases())
        victim = psutil.Process(stop.pid) if kill.victim == WORKER and stop is not None else None
        end(victim or stage.desk.instance.child(VICTIMS[kill.victim]))
        watch.release()
    await until(stage.desk.healthy)
    return [fault for talk in talks for fault in talk.faults(stage.desk.instance, deaths=1)]


async def _asked(talks: Sequence[Talk]) -> bool:
    return all(talk.asked for talk in talks)


def _questions(chance: Random) -> Sequence[str]:
    return [question(chance) for _ in range(chance.choice([1, 1, 2]))]


def _note(hit: Log, kill: Kill, talks: Sequence[Talk], phases: Counter[Point]) -> None:
    """What is killed, and where the other replies were that this met."""
    unasked = sum(len(talk.questions) - len(talk.asked) for talk in talks)
    others: dict[str, int] = {point: count - (point is kill.point) for point, count in phases.items()}
    others["being asked"] = unasked
    hit[str(kill)] += 1
    hit.update({f"(by the way: {point})": count for point, count in others.items() if count})
