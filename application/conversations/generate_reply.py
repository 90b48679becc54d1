import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Self

from application.conversations.draft import Draft
from application.conversations.keep_reply import keep_reply
from application.conversations.passages_for import passages_for
from application.conversations.toolbox import TOOLS, Toolbox, ToolError
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, ConversationViews
from application.ports.jobs import JobProgress
from application.ports.knowledge import PassageSearch
from application.ports.language_model import (
    Finished,
    LanguageModel,
    LanguageModels,
    ModelEvent,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from application.ports.run_log import RunLog
from application.ports.unit_of_work import Begin
from domain.actors import ASSISTANT, Subject
from domain.conversations import Run, RunErrorCode, RunStarted, RunStatus, Usage
from domain.conversations.reply_prompt import VERSION, ReplyFacts, reply_prompt
from domain.errors import NotFound
from domain.ids import ConversationId, RunId, WorkspaceId
from domain.jobs import Claim, JobCancelled, JobSpec, JobStatus
from domain.pricing import PriceList
from domain.prompts import AssistantTurn, ToolCall, ToolTurn

MAX_ROUNDS = 8
MAX_CALLS = 16
REPLY_SECONDS = 180
CHECKPOINT_EVERY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateReply(JobSpec):
    """Make the reply that is this run; a conversation's replies are made one after the other."""

    type: ClassVar[str] = "generate_reply"
    max_attempts: ClassVar[int] = 4
    run_id: RunId
    conversation_id: ConversationId
    workspace_id: WorkspaceId

    @classmethod
    def of(cls, run: Run) -> Self:
        """The job that makes `run`."""
        return cls(run_id=run.id, conversation_id=run.conversation_id, workspace_id=run.workspace_id)

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def about(self) -> Subject | None:
        return Subject("run", self.run_id)

    @property
    def lane(self) -> str | None:
        return f"conversation:{self.conversation_id}"


@dataclass(frozen=True, slots=True)
class ReplyGenerator:
    """Makes a reply: asks the model, lets it use tools, shows the text as it comes, and saves what came of it."""

    begin: Begin[ConversationsWork]
    views: ConversationViews
    search: PassageSearch
    models: LanguageModels
    prices: PriceList
    log: RunLog
    clock: Clock

    async def __call__(self, job: GenerateReply, claim: Claim, progress: JobProgress) -> None:
        """Nothing; the run has ended, unless the job is to be tried again.

        Raises:
            LeaseLost: the job is not ours any more, and nothing we did counts.
        """
        waiting = await self.views.run(job.run_id)
        facts = await self.views.reply_facts(waiting) if waiting else None
        if facts is None:
            return
        model = self.models.choose(facts.assistant.model)
        run = await self._start(job, model, claim)
        if run is None:
            return
        draft = Draft(run, self.log, self.clock)
        try:
            ended = await self._make(draft, model, facts, claim, progress)
            await self._save(ended, claim)
        except NotFound:  # erased meanwhile, and with it goes what has been shown since
            await self.log.drop([run.id])
            return
        await draft.end(ended)

    async def _start(self, job: GenerateReply, model: LanguageModel, claim: Claim) -> Run | None:
        now = self.clock.now()
        async with self.begin(claim) as work:
            try:
                await work.conversations.lock(job.conversation_id)
                run = await work.runs.get(job.run_id)
            except NotFound:  # erased
                return None
            if run.ended:
                return None
            started = run.started(claim.attempt, model.name, VERSION, now)
            await work.runs.save(started, because=_started(started, now))
            return await work.commit(started)

    async def _make(
        self, draft: Draft, model: LanguageModel, facts: ReplyFacts, claim: Claim, progress: JobProgress
    ) -> Run:
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                await draft.begin()
                await self._converse(draft, model, facts, claim, progress)
        except JobCancelled:
            return draft.counting_end().cancelled(self.clock.now())
        except (ModelTimeout, TimeoutError):
            return draft.counting_end().failed(RunErrorCode.TIMEOUT, self.clock.now())
        except ModelUnavailable:
            return draft.counting_end().failed(RunErrorCode.MODEL_UNAVAILABLE, self.clock.now())
        except ModelRefused:
            return draft.counting_end().failed(RunErrorCode.MODEL_REFUSED, self.clock.now())
        return draft.counting_end().completed(self.clock.now())

    async def _converse(
        self, draft: Draft, model: LanguageModel, facts: ReplyFacts, claim: Claim, progress: JobProgress
    ) -> None:
        toolbox = Toolbox(self.begin, self.search, self.clock, facts, draft.run, claim)
        prompt = reply_prompt(facts, await passages_for(facts, self.search), self.clock.now())
        for tools in (*[TOOLS] * MAX_ROUNDS, ()):
            told = len(draft.run.text)
            answer = progress.guard(model.stream(prompt, tools))
            calls, finished = await self._listen(draft, answer, claim)
            draft.run = self._counted(draft.run, finished, model)
            if finished.reason is StopReason.FILTER:
                raise ModelRefused("A filter stopped the answer.")
            if not calls:
                break
            turn = AssistantTurn(text=draft.run.text[told:], calls=tuple(calls))
            answers = [await _answer(call, toolbox, draft) for call in calls]
            prompt = replace(prompt, turns=(*prompt.turns, turn, *answers))
            await self._checkpoint(draft, claim)
        if not draft.run.text:
            raise ModelUnavailable("The model said nothing.")

    def _counted(self, run: Run, finished: Finished, asked: LanguageModel) -> Run:
        answered = finished.model or asked.name
        tokens = finished.input_tokens, finished.output_tokens
        cost = self.prices.cost(answered, *tokens)
        return run.spending(Usage(input_tokens=tokens[0], output_tokens=tokens[1], cost=cost), answered)

    async def _listen(
        self, draft: Draft, answer: AsyncGenerator[ModelEvent, None], claim: Claim
    ) -> tuple[list[ToolCall], Finished]:
        calls: list[ToolCall] = []
        saved_at = self.clock.now()
        async with aclosing(answer) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        await draft.write(text)
                    case ToolCall() if len(calls) < MAX_CALLS:
                        calls.append(event)
                    case ToolCall():
                        continue
                    case finished:
                        return calls, finished
                if draft.is_full:
                    break
                if self.clock.now() - saved_at >= CHECKPOINT_EVERY:
                    saved_at = await self._checkpoint(draft, claim)
        return [], Finished(reason=StopReason.LENGTH)

    async def _checkpoint(self, draft: Draft, claim: Claim) -> datetime:
        async with self.begin(claim) as work:
            await work.conversations.lock(draft.run.conversation_id)
            await work.runs.checkpoint(draft.run)
            await work.commit(None)
        return self.clock.now()

    async def _save(self, ended: Run, claim: Claim) -> None:
        async with self.begin(claim) as work:
            await work.conversations.lock(ended.conversation_id)
            await keep_reply(work, ended, by=ASSISTANT, at=self.clock.now())
            await work.jobs.finish(claim, {"run": str(ended.status)}, _job_status(ended))
            await work.commit(None)


async def _answer(call: ToolCall, toolbox: Toolbox, draft: Draft) -> ToolTurn:
    await draft.call(call)
    try:
        output, failed = await toolbox.use(call), False
    except ToolError as error:
        output, failed = str(error), True
    await draft.answer(call, output, failed=failed)
    return ToolTurn(call_id=call.id, tool=call.tool, output=json.dumps(output, ensure_ascii=False), failed=failed)


def _job_status(ended: Run) -> JobStatus:
    return JobStatus.CANCELLED if ended.status is RunStatus.CANCELLED else JobStatus.SUCCEEDED


def _started(run: Run, at: datetime) -> RunStarted:
    return RunStarted(
        workspace_id=run.workspace_id,
        actor=ASSISTANT,
        at=at,
        conversation_id=run.conversation_id,
        run_id=run.id,
        attempt=run.attempt,
        model=str(run.model),
    )
