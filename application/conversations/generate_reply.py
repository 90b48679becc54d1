import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from application.conversations.asked import asked_last, has_reply
from application.conversations.brief_companion import BriefCompanion
from application.conversations.briefing import Briefing, CompanionWork
from application.conversations.dialogue import Dialogue
from application.conversations.draft import Draft
from application.conversations.hand_over import hand_over
from application.conversations.keep_reply import keep_reply, saved_minutes
from application.conversations.meter import LimitStruck, Meter
from application.conversations.passages_for import passages_for
from application.conversations.toolbox import TOOLS, Toolbox
from application.knowledge.retrieve import Retrieve
from application.ports.clock import Clock
from application.ports.conversations import ConversationViews
from application.ports.jobs import JobProgress
from application.ports.language_model import LanguageModels, ModelRefused, ModelTimeout, ModelUnavailable
from application.ports.run_log import RunLog
from application.ports.unit_of_work import Begin
from domain.actors import ASSISTANT, Subject
from domain.conversations import Conversation, HandledBy, Message, Run, RunErrorCode, RunStarted, RunStatus
from domain.conversations.phrases import limit_reached
from domain.conversations.reply_prompt import ReplyFacts, reply_prompt
from domain.errors import NotFound
from domain.ids import ConversationId, RunId, UserId, WorkspaceId
from domain.jobs import Claim, JobCancelled, JobSpec, JobStatus
from domain.knowledge import Filters
from domain.pricing import PriceList

REPLY_SECONDS = 180
SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateReply(JobSpec):
    """Make the reply that is this run; a conversation's replies are made one after the other.

    Attributes:
        user_id: whose companion makes it, who alone is to know; None in a visitor's conversation.
    """

    type: ClassVar[str] = "generate_reply"
    max_attempts: ClassVar[int] = 4
    run_id: RunId
    conversation_id: ConversationId
    workspace_id: WorkspaceId
    user_id: UserId | None = None

    @classmethod
    def of(cls, run: Run, conversation: Conversation) -> Self:
        """The job that makes `run` of the conversation."""
        return cls(
            run_id=run.id,
            conversation_id=run.conversation_id,
            workspace_id=run.workspace_id,
            user_id=conversation.user_id,
        )

    @property
    def workspace(self) -> WorkspaceId | None:
        # The jobs of a workspace are shown to all its members, those of none to nobody.
        return self.workspace_id if self.user_id is None else None

    @property
    def about(self) -> Subject | None:
        return Subject("run", self.run_id)

    @property
    def lane(self) -> str | None:
        return f"conversation:{self.conversation_id}"


@dataclass(frozen=True, slots=True)
class ReplyGenerator:
    """Makes a reply: asks the model, lets it use tools, shows the text as it comes, and saves what came of it.

    Where a limit of the workspace forbids to ask, it says so and has a person answer.
    """

    begin: Begin[CompanionWork]
    views: ConversationViews
    retrieve: Retrieve
    companions: BriefCompanion
    models: LanguageModels
    prices: PriceList
    log: RunLog
    clock: Clock

    async def __call__(self, job: GenerateReply, claim: Claim, progress: JobProgress) -> None:
        """Nothing; the run has ended, unless the job is to be tried again.

        Raises:
            JobCancelled: a person has taken the conversation over before it began, or what it was to answer once more
                was answered after all.
            LeaseLost: the job is not ours any more, and nothing we did counts.
        """
        waiting = await self.views.run(job.run_id)
        facts = await self.views.reply_facts(waiting) if waiting else None
        if facts is None:
            return
        model = self.models.choose(facts.assistant.model)
        briefing = await self._brief(facts)
        meter = Meter(facts, self.prices, model.name)
        question = facts.history[-1]
        run = await self._start(job, briefing, meter, question, claim)
        if run is None:
            return
        draft = Draft(run, self.log, self.clock)
        dialogue = Dialogue(
            begin=self.begin,
            clock=self.clock,
            model=model,
            briefing=briefing,
            tools=briefing.tools(run, claim),
            meter=meter,
            draft=draft,
            claim=claim,
            progress=progress,
        )
        try:
            ended = await self._make(dialogue, facts)
            kept = await self._save(ended, dialogue, facts, claim)
        except NotFound:  # erased meanwhile, and with it goes what has been shown since
            await self.log.drop([run.id])
            return
        if kept != ended:  # its question was blanked meanwhile, which the log still shows in parts
            await self.log.drop([run.id])
            return
        await draft.end(kept)

    async def _brief(self, facts: ReplyFacts) -> Briefing:
        if facts.addressee is not None:
            return await self.companions(facts, facts.addressee)
        now = self.clock.now()
        passages = await passages_for(facts, self.retrieve, Filters.of_visitors(facts.workspace_id, now))
        return Briefing(
            prompt=reply_prompt(facts, passages, now),
            offered=TOOLS,
            tools=lambda run, claim: Toolbox(self.begin, self.retrieve, self.clock, facts, run, claim),
        )

    async def _start(
        self, job: GenerateReply, briefing: Briefing, meter: Meter, question: Message, claim: Claim
    ) -> Run | None:
        """The run, with its first call reserved in the unit that starts it; None when it is over or erased."""
        now = self.clock.now()
        async with self.begin(claim) as work:
            try:
                conversation = await work.conversations.lock(job.conversation_id)
                run = await work.runs.get(job.run_id)
            except NotFound:  # erased
                return None
            if run.ended:
                return None
            if conversation.handled_by is HandledBy.HUMAN:
                raise JobCancelled  # which was asked while the job was on its way to us
            if run.turn != question.turn and await has_reply(work, question):
                raise JobCancelled  # by the run before, which was told to stop and was faster
            started = run.started(claim.attempt, meter.model, briefing.prompt.version, now)
            await work.runs.save(started, because=_started(started, conversation, now))
            await meter.reserve(work, started, briefing.prompt, now, tools=briefing.offered)
            return await work.commit(started)

    async def _make(self, dialogue: Dialogue, facts: ReplyFacts) -> Run:
        draft = dialogue.draft
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                await draft.begin()
                whole = await dialogue.hold()
        except LimitStruck:
            sentence = limit_reached(facts.language, alone=facts.addressee is not None)
            await draft.write(f"{draft.run.text and SEPARATOR}{sentence}")
            return draft.counting_end().failed(RunErrorCode.LIMIT_REACHED, self.clock.now())
        except JobCancelled:
            return draft.counting_end().cancelled(self.clock.now())
        except (ModelTimeout, TimeoutError):
            return draft.counting_end().failed(RunErrorCode.TIMEOUT, self.clock.now())
        except ModelUnavailable:
            return draft.counting_end().failed(RunErrorCode.MODEL_UNAVAILABLE, self.clock.now())
        except ModelRefused:
            return draft.counting_end().failed(RunErrorCode.MODEL_REFUSED, self.clock.now())
        return draft.counting_end().completed(self.clock.now(), cut=not whole)

    async def _save(self, ended: Run, dialogue: Dialogue, facts: ReplyFacts, claim: Claim) -> Run:
        meter, question = dialogue.meter, facts.history[-1]
        async with self.begin(claim) as work:
            await work.conversations.lock(ended.conversation_id)
            now = self.clock.now()  # not before it is locked, so that times follow positions
            await meter.settle(work)
            if meter.reached is not None:
                await hand_over(work, meter.entry, meter.reached, now)
            last = ended.turn == question.turn or await asked_last(work, question)
            saved = 0 if facts.addressee else saved_minutes(ended, facts.savings)
            noted = await dialogue.briefing.note(work, now)
            kept = await keep_reply(work, ended, by=ASSISTANT, at=now, minutes_saved=saved, last=last, metadata=noted)
            await work.jobs.finish(claim, {"run": str(ended.status)}, _job_status(ended))
            return await work.commit(kept)


def _job_status(ended: Run) -> JobStatus:
    return JobStatus.CANCELLED if ended.status is RunStatus.CANCELLED else JobStatus.SUCCEEDED


def _started(run: Run, conversation: Conversation, at: datetime) -> RunStarted:
    return RunStarted(
        workspace_id=run.workspace_id,
        actor=ASSISTANT,
        at=at,
        told_to=conversation.user_id,
        conversation_id=run.conversation_id,
        run_id=run.id,
        attempt=run.attempt,
        model=str(run.model),
    )
