from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Self

from application.jobs.fail_job import Announce
from application.mail.addressees import addressees
from application.mail.send_mail import SendMail
from application.ports.clock import Clock
from application.ports.jobs import JobProgress, JobsWork
from application.ports.members import MemberViews
from application.ports.secret_box import SecretBox
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceViews
from domain.ids import WorkspaceId
from domain.jobs import Claim, Job, JobSpec
from domain.mail import JobDied
from domain.permissions import Permission

QUIET = timedelta(hours=1)
"""After letters about jobs of a type, how long there are no more in that workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceDeath(JobSpec):
    """Write to a workspace's owners and admins that a job of this type has died.

    Attributes:
        error: why.
        quiet: only stand in the way of further ones: while one is unended, another is not added.
    """

    type: ClassVar[str] = "announce_death"
    workspace_id: WorkspaceId
    job_type: str
    error: str
    quiet: bool = False

    @classmethod
    def of(cls, job: Job) -> Self | None:
        """What to do about the dead job; None for one of the system, and for a letter, which would tell of itself."""
        if job.workspace_id is None or job.type in {cls.type, SendMail.type}:
            return None
        return cls(workspace_id=job.workspace_id, job_type=job.type, error=job.error or "")

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def unique_key(self) -> str | None:
        return f"{self.workspace_id}:{self.job_type}"


class Obituaries(Announce):
    """A dead job of a workspace is told of."""

    def __call__(self, job: Job, /) -> JobSpec | None:
        return AnnounceDeath.of(job)


@dataclass(frozen=True, slots=True)
class DeathAnnouncer:
    """Orders the letters that tell of a dead job, and for `QUIET` no others about jobs of its type."""

    begin: Begin[JobsWork]
    workspaces: WorkspaceViews
    members: MemberViews
    secret_box: SecretBox
    clock: Clock

    async def __call__(self, job: AnnounceDeath, claim: Claim, _progress: JobProgress) -> None:
        """Nothing; its result tells how many letters there are.

        Raises:
            LeaseLost: the job is not ours any more.
        """
        workspace = None if job.quiet else await self.workspaces.workspace(job.workspace_id)
        if workspace is None:
            return
        recipients = await addressees(self.members, job.workspace_id, Permission.WORKSPACE_WRITE)
        content = JobDied(workspace=workspace.name, job_type=job.job_type, error=job.error)
        now = self.clock.now()
        async with self.begin(claim) as work:
            # In this order: the key is free again, and taken at once.
            await work.jobs.finish(claim, {"letters": len(recipients)})
            await work.jobs.add(Job.of(replace(job, quiet=True), now, run_at=now + QUIET))
            for user_id in recipients:
                letter = SendMail.of(content, now, self.secret_box, recipient_id=user_id, workspace_id=job.workspace_id)
                await work.jobs.add(Job.of(letter, now))
            await work.commit(None)
