from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.mail.addressees import addressees
from application.mail.send_mail import SendMail
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.jobs import JobProgress
from application.ports.members import MemberViews
from application.ports.secret_box import SecretBox
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceViews
from domain.actors import Subject
from domain.errors import NotFound
from domain.ids import ConversationId, UserId, WorkspaceId
from domain.jobs import Claim, Job, JobSpec
from domain.mail import VisitorWaits
from domain.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceVisitor(JobSpec):
    """Write to those who may answer that a visitor waits for a person, since then."""

    type: ClassVar[str] = "announce_visitor"
    conversation_id: ConversationId
    workspace_id: WorkspaceId
    waiting_since: datetime

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def about(self) -> Subject | None:
        return Subject("conversation", self.conversation_id)


@dataclass(frozen=True, slots=True)
class VisitorAnnouncer:
    """Orders the letters that tell of a waiting visitor, once for each wait; what they said is in none of them."""

    begin: Begin[ConversationsWork]
    workspaces: WorkspaceViews
    members: MemberViews
    secret_box: SecretBox
    clock: Clock

    async def __call__(self, job: AnnounceVisitor, claim: Claim, _progress: JobProgress) -> None:
        """Nothing; its result tells how many letters there are: none when somebody has come meanwhile.

        Raises:
            LeaseLost: the job is not ours any more.
        """
        workspace = await self.workspaces.workspace(job.workspace_id)
        if workspace is None:
            return
        recipients = await addressees(self.members, job.workspace_id, Permission.CONVERSATION_WRITE)
        content = VisitorWaits(workspace=workspace.name, conversation_id=job.conversation_id)
        now = self.clock.now()
        async with self.begin(claim) as work:
            told: Sequence[UserId] = recipients if await _waits(work, job) else []
            await work.jobs.finish(claim, {"letters": len(told)})
            for user_id in told:
                letter = SendMail.of(content, now, self.secret_box, recipient_id=user_id, workspace_id=job.workspace_id)
                await work.jobs.add(Job.of(letter, now))
            await work.commit(None)


async def _waits(work: ConversationsWork, job: AnnounceVisitor) -> bool:
    """Whether it is still that wait, in a conversation that nobody else changes until the unit ends."""
    try:
        conversation = await work.conversations.lock(job.conversation_id)
    except NotFound:
        return False
    return conversation.waiting_since == job.waiting_since and conversation.closed_at is None
