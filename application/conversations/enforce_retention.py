from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.conversations.erase import erase
from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from application.ports.retention import RetentionViews, RetentionWork
from application.ports.run_log import RunLog
from application.ports.unit_of_work import Begin
from domain.actors import SYSTEM
from domain.conversations import Conversation, ConversationEdited, ConversationStatus, is_expired, is_idle
from domain.errors import NotFound
from domain.ids import ConversationId
from domain.jobs import Claim, JobSpec
from domain.workspaces import Retention

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforceRetention(JobSpec):
    """Close and erase the conversations whose time is over."""

    type: ClassVar[str] = "enforce_retention"

    @property
    def unique_key(self) -> str | None:
        return "all"


@dataclass(frozen=True, slots=True)
class RetentionEnforcer:
    """Closes conversations that nobody uses, and erases those closed long ago, as each workspace keeps them.

    Each conversation is a unit of work, in which it is looked at again under its lock: what was written, opened or
    decided meanwhile counts. Begun again after a crash, it goes on with what is left.
    """

    begin: Begin[RetentionWork]
    views: RetentionViews
    log: RunLog
    clock: Clock

    async def __call__(self, _job: EnforceRetention, claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many it closed and erased.

        Raises:
            JobCancelled: somebody asked it to stop; what was done stays done.
            LeaseLost: the job is not ours any more.
        """
        at = self.clock.now()
        closed = erased = 0
        async for number in _ended(self.views.idle, lambda due: self._close(due, at, claim), at):
            closed += number
            await progress.report(0, f"{closed} conversations closed")
        async for number in _ended(self.views.expired, lambda due: self._erase(due, at, claim), at):
            erased += number
            await progress.report(50, f"{closed} conversations closed, {erased} erased")
        await progress.report(100, f"{closed} conversations closed, {erased} erased")

    async def _close(self, conversation_id: ConversationId, at: datetime, claim: Claim) -> bool:
        async with self.begin(claim) as work:
            conversation = await _locked(work, conversation_id, is_idle, at)
            if conversation is None:
                return False
            closed = conversation.edited({"status": ConversationStatus.CLOSED}, at)
            await work.conversations.save(closed, because=_closed(closed, at))
            return await work.commit(answer=True)

    async def _erase(self, conversation_id: ConversationId, at: datetime, claim: Claim) -> bool:
        async with self.begin(claim) as work:
            if await _locked(work, conversation_id, is_expired, at) is None:
                return False
            run_ids = await erase(work, conversation_id, by=SYSTEM, at=at, reason="retention")
            await work.commit(None)
        await self.log.drop(run_ids)
        return True


async def _ended(
    due: Callable[[datetime, int], Awaitable[Sequence[ConversationId]]],
    end: Callable[[ConversationId], Awaitable[bool]],
    at: datetime,
) -> AsyncGenerator[int, None]:
    """How many each batch has ended, as long as there are some: those that are left alone would be found for ever."""
    number = 1
    while number and (batch := await due(at, BATCH)):
        number = sum([await end(conversation_id) for conversation_id in batch])
        yield number


async def _locked(
    work: RetentionWork,
    conversation_id: ConversationId,
    is_due: Callable[[Conversation, Retention, datetime], bool],
    at: datetime,
) -> Conversation | None:
    """The conversation, locked, if there is still one whose time is over."""
    try:
        conversation = await work.conversations.lock(conversation_id)
    except NotFound:
        return None
    workspace = await work.workspaces.get(conversation.workspace_id)
    return conversation if is_due(conversation, workspace.retention, at) else None


def _closed(conversation: Conversation, at: datetime) -> ConversationEdited:
    return ConversationEdited(
        workspace_id=conversation.workspace_id,
        actor=SYSTEM,
        at=at,
        told_to=conversation.user_id,
        conversation_id=conversation.id,
        fields=("status",),
        status=conversation.status,
    )
