import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Protocol
from zoneinfo import ZoneInfo

from application.conversations.briefing import CompanionWork
from application.conversations.meter import Heard, LimitStruck, Meter
from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from application.ports.language_model import Finished, LanguageModel, LanguageModels, ModelError, TextDelta
from application.ports.unit_of_work import Begin
from domain.conversations import Message, MessageRole, Run
from domain.conversations.reply_prompt import ReplyFacts
from domain.errors import NotFound
from domain.jobs import Claim
from domain.memories.asked_model import LONGEST_ANSWER, BadExtraction, extraction_prompt, read_extraction
from domain.memories.extraction import Proposal, proposals
from domain.memories.own_words import own_sentences
from domain.models import Vendor
from domain.pricing import PriceList
from domain.prompts import Prompt

EXTRACTION_SECONDS = 60
MOST_MESSAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a user wrote to their companion.

    Attributes:
        facts: of the reply to it, whose history ends with it. run: the reply. timezone: the user's.
    """

    facts: ReplyFacts
    run: Run
    timezone: str

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages that the reply answers: all since the companion spoke last, `MOST_MESSAGES` at most."""
        history = self.facts.history[-MOST_MESSAGES:]
        answered = takewhile(lambda message: message.role is MessageRole.MEMBER, reversed(history))
        return tuple(message for message in reversed(list(answered)) if message.blanked_at is None)

    @property
    def text(self) -> str:
        """What they say, together."""
        return "\n\n".join(message.content for message in self.messages)

    @property
    def at(self) -> datetime:
        """When the last of them was written."""
        return self.facts.history[-1].created_at

    @property
    def before(self) -> str:
        """What the companion said last before them, or nothing."""
        earlier = reversed(self.facts.history)
        return next((said.content for said in earlier if said.role is MessageRole.ASSISTANT), "")


class Extraction(Protocol):
    """Finds what is worth remembering."""

    async def __call__(self, said: Said, claim: Claim, progress: JobProgress) -> tuple[Proposal, ...]:
        """The memories to add."""
        ...


@dataclass(frozen=True, slots=True)
class Extract(Extraction):
    """Finds what is worth remembering of a user's message: by a model, or by rules where there is none."""

    begin: Begin[CompanionWork]
    models: LanguageModels
    prices: PriceList
    clock: Clock

    async def __call__(self, said: Said, claim: Claim, progress: JobProgress) -> tuple[Proposal, ...]:
        """The memories to add. At most one call of a model, which the ledger counts as those of the reply.

        The rules decide when the model is the offline one, a limit of the workspace is reached, the model fails, or it
        answers with anything but what it was asked for. No model is asked about a message that states nothing.

        Raises:
            JobCancelled: somebody asked. LeaseLost: the job is not ours any more.
        """
        model = self.models.choose(said.facts.assistant.model)
        if not model.name.startswith(f"{Vendor.OFFLINE}:") and any(own_sentences(said.text)):
            today = said.at.astimezone(ZoneInfo(said.timezone)).date()
            try:
                return read_extraction(await self._ask(model, said, claim, progress), said.text, today)
            except (LimitStruck, ModelError, TimeoutError, BadExtraction):
                pass  # what the rules find is better than nothing
        return proposals(said.text, said.at, said.timezone)

    async def _ask(self, model: LanguageModel, said: Said, claim: Claim, progress: JobProgress) -> str:
        prompt = extraction_prompt(said.text, said.before, said.facts.language, said.at, said.timezone)
        meter = Meter(said.facts, self.prices, model.name)
        await self._reserve(meter, prompt, said.run, claim)
        heard = Heard()
        try:
            async with asyncio.timeout(EXTRACTION_SECONDS):
                await _listen(model, prompt, heard, progress)
        except ModelError as error:
            heard.error = error
            raise
        finally:
            meter.count(said.run, heard)
            await self._settle(meter, claim)
        return heard.text

    async def _reserve(self, meter: Meter, prompt: Prompt, run: Run, claim: Claim) -> None:
        async with self.begin(claim) as work:
            try:
                await work.conversations.lock(run.conversation_id)
            except NotFound as erased:
                raise LimitStruck from erased
            await meter.reserve(work, run, prompt, self.clock.now(), tools=())
            await work.commit(None)
        meter.check()

    async def _settle(self, meter: Meter, claim: Claim) -> None:
        async with self.begin(claim) as work:
            await meter.settle(work)
            await work.commit(None)


async def _listen(model: LanguageModel, prompt: Prompt, heard: Heard, progress: JobProgress) -> None:
    async with aclosing(progress.guard(model.stream(prompt, ()))) as events:
        async for event in events:
            # No tool is offered, so that none is called.
            heard.text += event.text if isinstance(event, TextDelta) else ""
            heard.finished = event if isinstance(event, Finished) else None
            if len(heard.text) > LONGEST_ANSWER:
                return
