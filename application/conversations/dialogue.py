import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.conversations.briefing import Answer, Briefing, Tools
from application.conversations.draft import Draft
from application.conversations.meter import Heard, Meter
from application.conversations.toolbox import ToolError
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.jobs import JobProgress
from application.ports.language_model import (
    LanguageModel,
    ModelError,
    ModelEvent,
    ModelRefused,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from application.ports.unit_of_work import Begin
from domain.conversations import HandledBy
from domain.jobs import Claim, JobCancelled
from domain.prompts import AssistantTurn, Prompt, Tool, ToolCall, ToolTurn

MAX_ROUNDS = 8
MAX_CALLS = 16
CHECKPOINT_EVERY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """Has the model write a reply into the draft, using tools as it likes; each call of it is metered."""

    begin: Begin[ConversationsWork]
    clock: Clock
    model: LanguageModel
    briefing: Briefing
    tools: Tools
    meter: Meter
    draft: Draft
    claim: Claim
    progress: JobProgress

    async def hold(self) -> bool:
        """Whether the reply, which is in the draft, is all that was meant; the first call has been reserved.

        Raises:
            LimitStruck: a call may not be made.
            ModelError: the model failed or refused. JobCancelled: somebody asked, or has taken the conversation over.
            LeaseLost: the job is not ours any more. NotFound: the conversation was erased.
        """
        self.meter.check()
        prompt, made = self.briefing.prompt, 0
        while True:
            tools = self.briefing.offered if made < MAX_ROUNDS else ()
            heard = await self._ask(prompt, tools)
            if not heard.calls or not tools:
                return self._end(heard)
            prompt = replace(prompt, turns=(*prompt.turns, *await self._use_tools(heard)))
            await self._go_on(prompt)
            made += 1

    async def _ask(self, prompt: Prompt, tools: Sequence[Tool]) -> Heard:
        heard, told = Heard(), len(self.draft.run.text)
        try:
            await self._listen(self.progress.guard(self.model.stream(prompt, tools)), heard)
            if self.briefing.citations:
                await self.draft.write(self.briefing.citations.rest())
        except ModelError as error:
            heard.error = error
            raise
        finally:
            heard.text = self.draft.run.text[told:]
            self.draft.run = self.meter.count(self.draft.run, heard)
        if heard.finished and heard.finished.reason is StopReason.FILTER:
            raise ModelRefused("A filter stopped the answer.")
        return heard

    async def _listen(self, answer: AsyncGenerator[ModelEvent, None], heard: Heard) -> None:
        saved_at, citations = self.clock.now(), self.briefing.citations
        async with aclosing(answer) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        await self.draft.write(citations.read(text) if citations else text)
                    case ToolCall() if len(heard.calls) < MAX_CALLS:
                        heard.calls.append(event)
                    case ToolCall():
                        continue
                    case finished:
                        heard.finished = finished
                        return
                if self.draft.is_full:
                    return
                if self.clock.now() - saved_at >= CHECKPOINT_EVERY:
                    saved_at = await self._checkpoint()

    async def _use_tools(self, heard: Heard) -> Sequence[AssistantTurn | ToolTurn]:
        turn = AssistantTurn(text=heard.text, calls=tuple(heard.calls))
        return [turn, *[await self._answer(call) for call in heard.calls]]

    async def _answer(self, call: ToolCall) -> ToolTurn:
        shown = self.tools.shown(call)
        await self.draft.call(shown)
        try:
            answer, failed = await self.tools.use(call), False
        except ToolError as error:
            answer, failed = Answer(str(error), str(error)), True
        await self.draft.answer(shown, answer.kept, failed=failed)
        told = json.dumps(answer.told, ensure_ascii=False)
        return ToolTurn(call_id=call.id, tool=call.tool, output=told, failed=failed)

    def _end(self, heard: Heard) -> bool:
        if not self.draft.run.text:
            raise ModelUnavailable("The model said nothing.")
        return not heard.cut

    async def _go_on(self, prompt: Prompt) -> None:
        """Saves what there is, and reserves the next call in the same unit."""
        async with self.begin(self.claim) as work:
            await self._lock(work)
            await self.meter.settle(work)
            offered = self.briefing.offered
            await self.meter.reserve(work, self.draft.run, prompt, self.clock.now(), tools=offered)
            await work.runs.checkpoint(self.draft.run)
            await work.commit(None)
        self.meter.check()

    async def _checkpoint(self) -> datetime:
        async with self.begin(self.claim) as work:
            await self._lock(work)
            await work.runs.checkpoint(self.draft.run)
            await work.commit(None)
        return self.clock.now()

    async def _lock(self, work: ConversationsWork) -> None:
        conversation = await work.conversations.lock(self.draft.run.conversation_id)
        if conversation.handled_by is HandledBy.HUMAN:
            raise JobCancelled  # whose news may be late, or lost
