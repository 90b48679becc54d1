"""Adapters around the product's own that tell where a worker is, and a model whose every word can be told apart."""

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

from typing_extensions import override

from application.ports.jobs import Held, JobQueue
from application.ports.language_model import Finished, LanguageModel, ModelEvent, StopReason, TextDelta
from application.ports.run_log import RunLog, RunReader
from domain.conversations import Frame, TextAdded
from domain.ids import RunId
from domain.jobs import Claim
from domain.prompts import Prompt, Tool, ToolCall, UserTurn
from tests.survival.points import Point, Reached

PAUSE_SECONDS = 0.025
SERVICES = "services"


class CountingLanguageModel(LanguageModel):
    """Says as many words as the question has as its number, after a look at the services where it speaks of them.

    Each word has its number and a mark of the answer, so that nothing of two answers can be taken for one.
    """

    @property
    @override
    def name(self) -> str:
        return "counting:words"

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        question, *later = prompt.turns[max(n for n, turn in enumerate(prompt.turns) if isinstance(turn, UserTurn)) :]
        assert isinstance(question, UserTurn)
        if SERVICES in question.text and not later:
            yield ToolCall(id="1", tool="list_services", args={})
            yield Finished(reason=StopReason.TOOLS, input_tokens=1, output_tokens=1)
            return
        words, mark = int(re.findall(r"\d+", question.text)[0]), secrets.token_hex(3)
        for number in range(1, words + 1):
            yield TextDelta(f"{mark}-{number} ")
            await asyncio.sleep(PAUSE_SECONDS)
        yield Finished(reason=StopReason.END, input_tokens=1, output_tokens=words)


class WatchedJobQueue(JobQueue):
    """Tells of claims."""

    def __init__(self, queue: JobQueue, reached: Reached) -> None:
        self._queue = queue
        self._reached = reached

    @override
    async def claim(self, types: Sequence[str], limit: int, lease: timedelta) -> Sequence[Claim]:
        await self._reached(Point.BEFORE_CLAIM, "-")
        claims = await self._queue.claim(types, limit, lease)
        for claim in claims:
            await self._reached(Point.CLAIMED, str(claim.payload.get("run_id", "-")))
        return claims

    @override
    async def extend(self, claims: Sequence[Claim], lease: timedelta) -> Held:
        return await self._queue.extend(claims, lease)

    @override
    async def extend_when_free(self, claim: Claim, lease: timedelta) -> Held:
        return await self._queue.extend_when_free(claim, lease)

    @override
    async def expire(self) -> Sequence[Claim]:
        return await self._queue.expire()

    @override
    async def release(self, claims: Sequence[Claim]) -> None:
        await self._queue.release(claims)

    @override
    async def report(self, claim: Claim, percent: int, note: str | None) -> bool:
        return await self._queue.report(claim, percent, note)

    @override
    async def finish(self, claim: Claim) -> None:
        await self._queue.finish(claim)

    @override
    async def forget(self, type_: str, before: datetime) -> None:
        await self._queue.forget(type_, before)

    @override
    async def present(self, worker: str) -> None:
        await self._queue.present(worker)

    @override
    async def absent(self, worker: str) -> None:
        await self._queue.absent(worker)


class WatchedRunLog(RunLog):
    """Tells of text that was shown, and of ends: before they are announced and after."""

    def __init__(self, log: RunLog, reached: Reached) -> None:
        self._log = log
        self._reached = reached

    @override
    async def append(self, run_id: RunId, frames: Sequence[Frame], *, anew: bool = False) -> None:
        ends = any(frame.ends for frame in frames)
        if ends:
            await self._reached(Point.SAVED, str(run_id))
        await self._log.append(run_id, frames, anew=anew)
        if ends:
            await self._reached(Point.AFTER, str(run_id))
        elif any(isinstance(frame.event, TextAdded) for frame in frames):
            await self._reached(Point.MID_STREAM, str(run_id))

    @override
    def follow(self, run_id: RunId) -> AbstractAsyncContextManager[RunReader]:
        return self._log.follow(run_id)

    @override
    async def drop(self, run_ids: Sequence[RunId]) -> None:
        await self._log.drop(run_ids)
