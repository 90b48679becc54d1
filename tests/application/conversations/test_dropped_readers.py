"""Readers who drop and resume at any point, while attempts die and the live log is lost, are told the same reply."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from adapters.memory.job_progress import MemoryJobProgress
from application.jobs.fail_job import FailJob
from application.ports.language_model import LanguageModel, ModelEvent, ModelUnavailable, TextDelta
from domain.conversations import Frame
from domain.ids import RunId
from domain.jobs import Claim
from domain.prompts import Prompt, Tool, ToolCall
from tests.application.conversations.reader import Reader
from tests.application.conversations.script import END, TOOLS
from tests.application.jumping import jump
from tests.application.world import LEASE, Crash, World, job_of

Attempt = list[tuple[str, str]]
"""What a worker writes, each piece after some trouble; a piece without text is a tool call."""

TEXTS = st.text(st.sampled_from("ab 漢😀"), min_size=1, max_size=4)
TROUBLES = ("", "", "checkpoint", "pause", "lose", "cut off", "deafen", "connect")
ENDINGS = ("end", "fail", "cancel", "die", "end unannounced")
ATTEMPTS = st.lists(st.tuples(TEXTS | st.just(""), st.sampled_from(TROUBLES)), min_size=1, max_size=8)
DROPS = st.lists(st.integers(1, 6), max_size=12)


class TroubledWorker(LanguageModel):
    """An attempt as the model of its worker: it gets into trouble before each piece, and comes to an ending."""

    def __init__(self, world: World, claim: Claim, attempt: Attempt, ending: str) -> None:
        self._world = world
        self._claim = claim
        self._pieces = list(attempt)
        self._ending = ending
        self._progress = MemoryJobProgress()

    @property
    @override
    def name(self) -> str:
        return "troubled:worker"

    async def work(self) -> None:
        await self._world.generator(self)(job_of(self._claim), self._claim, self._progress)

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        while self._pieces:
            text, trouble = self._pieces.pop(0)
            await self._make(trouble)
            if not text:
                yield ToolCall(id="", tool="list_services", args={})
                yield TOOLS
                return
            yield TextDelta(text)
        await self._end()
        yield END

    async def _make(self, trouble: str) -> None:
        log = self._world.log
        match trouble:
            case "checkpoint":
                self._world.clock.advance(timedelta(seconds=1))
            case "pause":
                self._world.clock.advance(timedelta(seconds=3))
                await asyncio.sleep(3)
            case "lose":
                log.forget(job_of(self._claim).run_id)
            case "cut off":
                log.reachable = False
            case "deafen":
                log.answering = False
            case "connect":
                log.reachable = log.answering = True
            case _:
                await asyncio.sleep(0.1)
        await asyncio.sleep(0)

    async def _end(self) -> None:
        match self._ending:
            case "fail":
                raise ModelUnavailable("as planned")
            case "cancel":
                self._progress.cancel()
                await asyncio.sleep(0)
            case "die":
                raise Crash
            case "end unannounced":
                self._world.log.look = _crash_at_end
            case _:
                pass


def _crash_at_end(_run_id: RunId, frames: Sequence[Frame]) -> None:
    if frames[-1].ends:
        raise Crash


async def _write(world: World, attempts: list[Attempt], ending: str) -> None:
    for attempt in attempts[:-1]:
        with suppress(Crash):
            await TroubledWorker(world, await world.claim(), attempt, "die").work()
        world.clock.advance(LEASE)
        await world.queue.expire()
        await asyncio.sleep(0.5)
    claim = await world.claim()
    with suppress(Crash):
        await TroubledWorker(world, claim, attempts[-1], ending).work()
    if not world.job(claim.job_id).ended:
        job = world.job(claim.job_id)
        world.store.jobs.rows[job.id] = replace(job, failures=job.max_attempts - 1)
        await FailJob(world.begin, world.burials, world.clock)(claim, "It broke.")


async def _follow(reader: Reader, drops: list[int]) -> None:
    for amount in drops:
        if reader.full_text is None:
            await reader.read(amount)
            await asyncio.sleep(0.2)
    while reader.full_text is None:
        await reader.read(1_000)


async def _check(attempts: list[Attempt], ending: str, drops: list[list[int]]) -> None:
    world = World()
    visit = await world.visit()
    run_id = world.run_for(await world.say(visit)).id
    readers = [Reader(world, visit) for _ in drops]
    async with asyncio.TaskGroup() as group:
        for reader, amounts in zip(readers, drops, strict=True):
            group.create_task(_follow(reader, amounts))
        group.create_task(_write(world, attempts, ending))
    late = Reader(world, visit)
    await late.read(1_000)

    run = world.run(run_id)
    assert run.ended
    assert [reader.full_text for reader in (*readers, late)] == [run.text] * (len(readers) + 1)
    assert [reader.text for reader in (*readers, late)] == [run.text] * (len(readers) + 1)
    assert world.said(visit)[1:] == ([run.text] if run.text else [])


@given(st.lists(ATTEMPTS, min_size=1, max_size=3), st.sampled_from(ENDINGS), st.lists(DROPS, min_size=1, max_size=3))
def test_whatever_happens_every_reader_ends_with_what_was_kept(
    attempts: list[Attempt], ending: str, drops: list[list[int]]
) -> None:
    jump(_check(attempts, ending, drops))
