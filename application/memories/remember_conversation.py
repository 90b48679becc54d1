from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, Self
from uuid import UUID

from application.conversations.briefing import MEMORIES, CompanionWork
from application.memories.extract import Extraction, Said
from application.memories.index_turn import has_to_forget, index_turn, taken_back
from application.memories.keep_proposals import Keeping, KeepingWork, Kept, keep_proposals
from application.memories.look_up import Known, LookUp
from application.ports.clock import Clock
from application.ports.conversations import ConversationViews
from application.ports.jobs import JobProgress
from application.ports.unit_of_work import Begin
from domain.actors import ASSISTANT
from domain.conversations import Conversation, Run
from domain.conversations.reply_prompt import Addressee
from domain.errors import NotFound
from domain.ids import ConversationId, MemoryId, RunId, UserId
from domain.jobs import Claim, JobSpec
from domain.knowledge import Filters, SourceKind
from domain.memories import MemorySource, MemorySourceType
from domain.memories.events import ConversationRemembered


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberConversation(JobSpec):
    """Make a question to a companion and its reply findable, and remember what the user told of themselves.

    Attributes:
        run_id: the reply. user_id: whose companion made it, who alone is to know.
    """

    type: ClassVar[str] = "remember_conversation"
    run_id: RunId
    conversation_id: ConversationId
    user_id: UserId

    @classmethod
    def of(cls, run: Run, conversation: Conversation) -> Self | None:
        """The job for the reply that is this run; None in a visitor's conversation, where nothing is remembered."""
        if conversation.user_id is None:
            return None
        return cls(run_id=run.id, conversation_id=conversation.id, user_id=conversation.user_id)

    @property
    def unique_key(self) -> str | None:
        return str(self.run_id)

    @property
    def lane(self) -> str | None:
        return f"remember:{self.conversation_id}"


class RememberingWork(CompanionWork, KeepingWork, Protocol):
    """What remembers a conversation touches."""


@dataclass(frozen=True, slots=True)
class ConversationRememberer:
    """Remembers a question and its reply: all that comes of them becomes true in one unit of work."""

    begin: Begin[RememberingWork]
    views: ConversationViews
    extract: Extraction
    look_up: LookUp
    clock: Clock

    async def __call__(self, job: RememberConversation, claim: Claim, progress: JobProgress) -> None:
        """Nothing; done again, it finds that all of it is known.

        What a visitor, a companion or anybody but the user said is never a memory of theirs. Of a question that is
        answered once more nothing is extracted, as that was done after its first answer.

        Raises:
            JobCancelled: somebody asked, before anything was remembered. LeaseLost: the job is not ours any more.
        """
        run = await self.views.run(job.run_id)
        facts = await self.views.reply_facts(run) if run else None
        if run is None or facts is None or facts.addressee is None or facts.addressee.id != job.user_id:
            return
        said = Said(facts=facts, run=run, timezone=facts.addressee.timezone)
        await progress.report(10, "Reading what was said")
        known = await self._known(said, facts.addressee, claim, progress) if _is_new(said, job.user_id) else ()
        await progress.report(80, "Remembering it")
        await self._keep(said, facts.addressee, known, claim)

    async def _known(self, said: Said, addressee: Addressee, claim: Claim, progress: JobProgress) -> Sequence[Known]:
        proposed = await self.extract(said, claim, progress)
        await progress.report(60, "Comparing it with what is known")
        only = Filters(
            workspace_id=said.run.workspace_id,
            reader_id=addressee.id,
            owner_id=addressee.id,
            kinds=frozenset({SourceKind.MEMORY}),
            at=self.clock.now(),
        )
        return await self.look_up(proposed, await self._recalled(said.run), addressee.id, only)

    async def _recalled(self, run: Run) -> Sequence[MemoryId]:
        """The memories that the reply rests on."""
        async with self.begin() as work:
            try:
                reply = await work.messages.get(run.conversation_id, run.reply_message_id)
            except NotFound:
                return []
            told = reply.metadata.get(MEMORIES)
            return [MemoryId(UUID(str(each))) for each in told] if isinstance(told, list) else []

    async def _keep(self, said: Said, addressee: Addressee, known: Sequence[Known], claim: Claim) -> None:
        run, language = said.run, said.facts.language
        async with self.begin(claim) as work:
            try:
                conversation = await work.conversations.lock(run.conversation_id)
                question = await work.messages.get(conversation.id, run.message_id)
                messages = [await work.messages.get(conversation.id, message.id) for message in said.messages]
            except NotFound:  # erased
                return
            await work.jobs.held(claim)  # jobs are locked before workspaces
            now = self.clock.now()
            back = await taken_back(work, question, language)
            left = [each for each in known if not back.holds(each.proposal.content)]
            source = MemorySource(MemorySourceType.MESSAGE, run.message_id)
            keeping = Keeping(workspace_id=run.workspace_id, owner_id=addressee.id, source=source, at=now)
            kept = await keep_proposals(work, () if any(message.blanked_at for message in messages) else left, keeping)
            await index_turn(work, run, addressee, language, back, now)
            work.record(remembered(conversation, kept, now))
            await work.jobs.finish(claim, {"added": len(kept.added), "superseded": len(kept.superseded)})
            await work.commit(None)


def _is_new(said: Said, user_id: UserId) -> bool:
    """Whether it is the user's own, answered for the first time, not blanked, and not to have something forgotten."""
    own = all(message.author.id == user_id for message in said.messages)
    first = said.run.turn == said.facts.history[-1].turn
    return own and bool(said.messages) and first and not has_to_forget(said.run, said.text)


def remembered(conversation: Conversation, kept: Kept, at: datetime) -> ConversationRemembered:
    """The event that tells what became findable, and how many memories came of it."""
    return ConversationRemembered(
        workspace_id=conversation.workspace_id,
        actor=ASSISTANT,
        at=at,
        told_to=conversation.user_id,
        conversation_id=conversation.id,
        added=len(kept.added),
        superseded=len(kept.superseded),
    )
