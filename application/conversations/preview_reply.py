import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from application.conversations.meter import Heard, LimitStruck, Meter
from application.conversations.passages_for import passages_for
from application.knowledge.retrieve import Retrieve
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.language_model import (
    Finished,
    LanguageModel,
    LanguageModels,
    ModelError,
    ModelRefused,
    ModelTimeout,
    StopReason,
    TextDelta,
)
from application.ports.passage_search import DraftSearch
from application.ports.scheduling import SchedulingWork
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspacesWork
from domain.access import Caller, Permission
from domain.conversations import Run
from domain.conversations.preview import PreviewLimited, PreviewRefused, PreviewUnavailable, asked
from domain.conversations.reply_prompt import ReplyFacts, reply_prompt
from domain.ids import WorkspaceId
from domain.knowledge import Filters, Passage, Source, Standing, passages_of
from domain.pricing import PriceList
from domain.prompts import Prompt
from domain.text import readable
from domain.workspaces import Workspace

PREVIEW_SECONDS = 60
PREVIEW_LENGTH = 8_000
"""How many code points of an answer are shown; the rest is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReplyCommand:
    """A question, and the knowledge base to answer it from; None is the one that is stored."""

    workspace_id: WorkspaceId
    question: str
    knowledge_base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageView:
    """A piece of the knowledge base; `heading` joins the headings above it by ` › `."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPreview:
    """What a visitor would be answered.

    Attributes:
        text: Markdown. cut: whether more was to come.
        passages: what the model was given of the knowledge base, the best first.
        model: the one that answered.
    """

    text: str
    cut: bool
    passages: Sequence[PassageView]
    model: str


class PreviewWork(ConversationsWork, WorkspacesWork, SchedulingWork, Protocol):
    """What a preview is made from, and the ledger that counts what it takes."""


@dataclass(frozen=True, slots=True)
class PreviewReply:
    """Shows what the assistant would answer a visitor, from a knowledge base that need not be stored.

    Nothing is kept but the entry of the usage ledger, and the model is offered no tools, so that nothing happens.
    """

    begin: Begin[PreviewWork]
    retrieve: Retrieve
    drafts: DraftSearch
    models: LanguageModels
    prices: PriceList
    clock: Clock

    async def __call__(self, caller: Caller, command: PreviewReplyCommand) -> ReplyPreview:
        """The answer.

        Raises:
            NotFound, Forbidden: the caller may not.
            Invalid: the question or the knowledge base cannot be taken.
            PreviewLimited: a limit of the workspace is reached. PreviewRefused: the model will not answer.
            PreviewUnavailable: it did not answer in time, or broke off.
        """
        caller.must(Permission.WORKSPACE_WRITE, command.workspace_id)
        workspace, facts, run = await self._asked(command)
        passages = await self._passages(workspace, facts, run.created_at, draft=command.knowledge_base is not None)
        prompt = reply_prompt(facts, passages, run.created_at)
        model = self.models.choose(facts.assistant.model)
        meter = Meter(facts, self.prices, model.name)
        await self._reserve(meter, run, prompt)
        heard = await self._answer(model, prompt, meter, run)
        return ReplyPreview(
            text=heard.text,
            cut=heard.cut,
            passages=[PassageView(heading=passage.heading, text=passage.text) for passage in passages],
            model=heard.model or model.name,
        )

    async def _asked(self, command: PreviewReplyCommand) -> tuple[Workspace, ReplyFacts, Run]:
        now = self.clock.now()
        async with self.begin() as work:
            workspace = await work.workspaces.get(command.workspace_id)
            if command.knowledge_base is not None:
                workspace = workspace.edited({"knowledge_base": command.knowledge_base}, now)
            services = await work.services.of_workspace(workspace.id)
            connectors = await work.connectors.of_workspace(workspace.id)
            return workspace, *asked(workspace, services, connectors, command.question, now)

    async def _passages(
        self, workspace: Workspace, facts: ReplyFacts, at: datetime, *, draft: bool
    ) -> Sequence[Passage]:
        """What the reply would be made from; with a draft, that by its words alone, and behind it the other documents.

        The vectors that search by meaning are made of what is stored only.
        """
        filters = Filters.of_visitors(workspace.id, at)
        if not draft:
            return await passages_for(facts, self.retrieve, filters)
        source = Source.knowledge_base(workspace.id)
        pieces = await asyncio.to_thread(passages_of, workspace.id, source, workspace.knowledge_base, at)
        drafted = replace(self.retrieve, search=self.drafts.of(pieces, Standing(at=at)))
        others = replace(filters, excluding=frozenset({source.id}))
        return [*await passages_for(facts, drafted, filters), *await passages_for(facts, self.retrieve, others)]

    async def _reserve(self, meter: Meter, run: Run, prompt: Prompt) -> None:
        async with self.begin() as work:
            await meter.reserve(work, run, prompt, run.created_at, tools=())
            await work.commit(None)
        try:
            meter.check()
        except LimitStruck:
            raise PreviewLimited from None

    async def _answer(self, model: LanguageModel, prompt: Prompt, meter: Meter, run: Run) -> Heard:
        heard = Heard()
        try:
            async with asyncio.timeout(PREVIEW_SECONDS):
                await _listen(model, prompt, heard)
        except TimeoutError:
            heard.error = ModelTimeout()
        except ModelError as error:
            heard.error = error
        finally:
            await self._settle(meter, run, heard)
        if isinstance(heard.error, ModelRefused):
            raise PreviewRefused
        if heard.error is not None or not heard.text:
            raise PreviewUnavailable
        return heard

    async def _settle(self, meter: Meter, run: Run, heard: Heard) -> None:
        meter.count(run, heard)
        async with self.begin() as work:
            await meter.settle(work)
            await work.commit(None)


async def _listen(model: LanguageModel, prompt: Prompt, heard: Heard) -> None:
    async with aclosing(model.stream(prompt, ())) as events:
        async for event in events:
            match event:
                case TextDelta(text):
                    heard.text = (heard.text + readable(text))[:PREVIEW_LENGTH]
                case Finished():
                    heard.finished = event
                case _:
                    continue
            if heard.finished is not None or len(heard.text) >= PREVIEW_LENGTH:
                break
    if heard.finished is not None and heard.finished.reason is StopReason.FILTER:
        raise ModelRefused("A filter stopped the answer.")
