"""How a user gets all that is known of them: asked for, made by a job, fetched."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from application.blobs.read_blob import ReadBlob
from application.identity.export_user import Exported, ExportUser
from application.ports.blobs import BlobViews
from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.jobs import JobView, JobViews
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceViews
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller
from domain.blobs import Blob
from domain.errors import NotFound
from domain.identity import UserExportRequested
from domain.ids import JobId, UserId, WorkspaceId
from domain.jobs import Job, JobStatus
from domain.permissions import Permission


class ExportStatus(StrEnum):
    """Where an export is: not asked for, being made, to be fetched, given up, or not to be had any more."""

    NONE = "none"
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserExportView:
    """A user's newest export.

    Attributes:
        progress: percent. size: of the archive, in bytes; it can be fetched until `expires_at`.
    """

    status: ExportStatus = ExportStatus.NONE
    job_id: JobId | None = None
    progress: int = 0
    size: int | None = None
    requested_at: datetime | None = None
    ready_at: datetime | None = None
    expires_at: datetime | None = None

    @classmethod
    def of(cls, job: JobView, at: datetime) -> Self:
        """What a job makes or has made, at this moment."""
        made = Exported.by(job)
        return cls(
            job_id=job.id,
            status=_status(job, made, at),
            progress=job.progress,
            size=made.size if made else None,
            requested_at=job.created_at,
            ready_at=job.ended_at if made else None,
            expires_at=made.expires_at if made else None,
        )


def _status(job: JobView, made: Exported | None, at: datetime) -> ExportStatus:
    if job.ended_at is None:
        return ExportStatus.PENDING
    if made is None:
        return ExportStatus.FAILED
    return ExportStatus.READY if at < made.expires_at else ExportStatus.EXPIRED


@dataclass(frozen=True, slots=True)
class RequestExport:
    """Has all that is known of a user put into an archive; while that is being done, asking again changes nothing."""

    begin: Begin[IdentityWork]
    open_personal_workspace: OpenPersonalWorkspace
    clock: Clock

    async def __call__(self, caller: Caller) -> JobView:
        """The job that does it.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        home, now = await self.open_personal_workspace(caller), self.clock.now()
        wanted = Job.of(ExportUser(user_id=user_id, workspace_id=home.id), now)
        async with self.begin() as work:
            job = await _unended(work, wanted, home.id)
            if job.id == wanted.id:
                work.record(UserExportRequested(workspace_id=home.id, actor=caller.actor, at=now, user_id=user_id))
            return await work.commit(JobView.of(job, home.id))


@dataclass(frozen=True, slots=True)
class ReadExport:
    """Shows a user how far their export is."""

    workspaces: WorkspaceViews
    jobs: JobViews
    clock: Clock

    async def __call__(self, caller: Caller) -> UserExportView:
        """The newest export they asked for.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        job = await _newest(self.workspaces, self.jobs, caller.must_themselves(Permission.ACCOUNT_READ), None)
        return UserExportView.of(job, self.clock.now()) if job else UserExportView()


@dataclass(frozen=True, slots=True)
class FetchExport:
    """Gives a user their archive."""

    workspaces: WorkspaceViews
    jobs: JobViews
    blobs: BlobViews
    read_blob: ReadBlob
    clock: Clock

    async def __call__(self, caller: Caller) -> tuple[Blob, AsyncGenerator[bytes, None]]:
        """The archive and its bytes, in chunks.

        Raises:
            NotFound, Forbidden: the caller may not, or none is ready, or its time is over.
            BlobLost, Unavailable: as of `ReadBlob`.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_READ)
        job = await _newest(self.workspaces, self.jobs, user_id, JobStatus.SUCCEEDED)
        made = Exported.by(job) if job else None
        if made is None or made.expires_at <= self.clock.now():
            raise NotFound
        blob = await self.blobs.blob(made.blob_id)
        if blob is None:
            raise NotFound
        return blob, await self.read_blob(blob)


async def _unended(work: IdentityWork, wanted: Job, workspace_id: WorkspaceId) -> Job:
    """The job, or one like it that has not ended, which then does not until the unit does."""
    while True:
        await work.jobs.add(wanted)
        for job in await work.jobs.unended(workspace_id):
            if (job.type, job.unique_key) == (wanted.type, wanted.unique_key):
                return job
        # The one that stood in the way of ours has ended just now.


async def _newest(
    workspaces: WorkspaceViews, jobs: JobViews, user_id: UserId, status: JobStatus | None
) -> JobView | None:
    home = await workspaces.personal_of(user_id)
    found = await jobs.jobs(home.id, status, ExportUser.type, None, 1) if home else None
    return found.items[0] if found and found.items else None
