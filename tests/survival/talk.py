"""Visitors who ask for words until they have them, whatever happens to the servers meanwhile."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx

from tests.processes import Instance, up
from tests.survival.checker import Kept, Told, violations
from tests.survival.conftest import SETTINGS, Desk, Reader, desk_of, until
from tests.survival.points import ADDRESS, Watch, watching
from tests.survival.servers import addresses
from tests.survival.watched import SERVICES

WATCHED_UP = (sys.executable, str(Path(__file__).with_name("watched_up.py")))


@dataclass(slots=True)
class Talk:
    """One visitor's questions, and what came of them."""

    reader: Reader
    questions: list[str]
    asked: list[str] = field(default_factory=list[str])

    async def hold(self) -> None:
        """Asks, once the first reply has begun the rest, and follows the replies to the end of the last."""
        first, *later = self.questions
        await self._ask(first)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.reader.follow(len(self.questions)))
            if later:
                await until(self._reply_begun)  # a reader who has seen nothing starts with the newest reply
            for question in later:
                await self._ask(question)

    async def _reply_begun(self) -> bool:
        return bool(self.reader.events)

    async def _ask(self, question: str) -> None:
        key = {"Idempotency-Key": uuid4().hex}
        while True:
            with suppress(httpx.TransportError):
                answer = await self.reader.visitor.say(question, headers=key)
                if answer.status_code != 503:
                    assert answer.status_code == 201, answer.text
                    self.asked.append(question)
                    return
            await asyncio.sleep(0.02)

    def faults(self, instance: Instance, *, deaths: int) -> list[str]:
        """What is wrong with it, now that it is over."""
        told = Told(conversation_id=self.reader.visitor.conversation_id, asked=self.asked, events=self.reader.events)
        return violations(told, Kept.read(addresses(instance)[0], told.conversation_id), deaths=deaths)


def question(chance: Random, least: int = 8, most: int = 24) -> str:
    """A question for some number of words."""
    topic = SERVICES if chance.random() < 0.3 else "nothing"
    return f"Say {chance.randint(least, most)} words of {topic}."


@dataclass(frozen=True, slots=True)
class Stage:
    """An instance, and the watch over its workers, which lack what `without` names."""

    desk: Desk
    watch: Watch
    without: str = ""

    async def talk(self, *questions: str) -> Talk:
        """A new visitor's, who is yet to ask."""
        return Talk(Reader(self.desk.client, await self.desk.visitor()), list(questions))


@asynccontextmanager
async def staged(folder: Path, *, without: str = "") -> AsyncGenerator[Stage]:
    """An instance with two watched workers, which lack the lease, the fence or the checkpoint if told so."""
    watch, address = await watching()
    settings = {**SETTINGS, ADDRESS: address, "SURVIVAL_WITHOUT": without}
    with up(folder, settings, command=WATCHED_UP) as instance:
        try:
            async with desk_of(instance) as desk:
                yield Stage(desk, watch, without)
        finally:
            await watch.close()
