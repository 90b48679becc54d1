from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from application.blobs.write_blob import WriteBlob
from application.identity.archive import ARCHIVE_TYPE, Part, archived
from application.identity.dossier import Dossier
from application.ports.clock import Clock
from application.ports.identity_views import UserViews
from application.ports.jobs import JobProgress, JobView, JobViews
from application.ports.members import MembersWork
from application.ports.unit_of_work import Begin
from domain.actors import Subject
from domain.blobs import Blob, Quota
from domain.ids import BlobId, UserId, WorkspaceId
from domain.jobs import Claim, Job, JobSpec, JobStatus
from domain.json import JsonValue, json_of

KEPT = timedelta(days=7)
"""How long an archive can be fetched."""
_PARTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportUser(JobSpec):
    """Put all that is known of this user into an archive, which lies in their personal workspace."""

    type: ClassVar[str] = "export_user"
    user_id: UserId
    workspace_id: WorkspaceId

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def about(self) -> Subject | None:
        return Subject("user", self.user_id)

    @property
    def unique_key(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveExport(JobSpec):
    """Remove this archive, whose time is over."""

    type: ClassVar[str] = "remove_export"
    blob_id: BlobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an ended `ExportUser` has made; its job's result."""

    blob_id: BlobId
    size: int
    expires_at: datetime

    @classmethod
    def of(cls, blob: Blob, at: datetime) -> Self:
        """The archive that is there since `at`."""
        return cls(blob_id=blob.id, size=blob.size, expires_at=at + KEPT)

    @classmethod
    def by(cls, job: JobView) -> Self | None:
        """What the job has made, None when that is nothing."""
        match job.result:
            case {"blob_id": str(blob_id), "size": int(size), "expires_at": str(expires_at)}:
                return cls(blob_id=BlobId(UUID(blob_id)), size=size, expires_at=datetime.fromisoformat(expires_at))
            case _:
                return None

    @property
    def result(self) -> dict[str, JsonValue]:
        """As it is stored with the job."""
        return {"blob_id": json_of(self.blob_id), "size": self.size, "expires_at": json_of(self.expires_at)}


@dataclass(frozen=True, slots=True)
class UserExporter:
    """Writes the archive of a user, which replaces the one before and can be fetched for `KEPT`."""

    begin: Begin[MembersWork]
    users: UserViews
    jobs: JobViews
    dossier: Dossier
    write_blob: WriteBlob
    quota: Quota
    clock: Clock

    async def __call__(self, job: ExportUser, claim: Claim, progress: JobProgress) -> None:
        """Nothing; the archive is there, unless the user is gone. Done again, it is written anew.

        Raises:
            JobCancelled: somebody asked for the job to stop. LeaseLost: the job is not ours any more.
            QuotaExceeded: the workspace has no room for it. Unavailable: a store does not answer.
        """
        user = await self.users.user(job.user_id)
        if user is None:
            return
        parts = _told(self.dossier.parts(user), progress)
        blob = await self.write_blob(job.workspace_id, ARCHIVE_TYPE, archived(parts, self.clock.now()))
        before = await self.jobs.jobs(job.workspace_id, JobStatus.SUCCEEDED, ExportUser.type, None, 1)
        replaced = [made for each in before.items if (made := Exported.by(each))]
        now = self.clock.now()
        made = Exported.of(blob, now)
        async with self.begin(claim) as work:
            await work.jobs.finish(claim, made.result)
            await work.jobs.add(Job.of(RemoveExport(blob_id=blob.id), now, run_at=made.expires_at))
            for old in replaced:
                await work.blobs.remove(old.blob_id)
            await work.blobs.add(blob, self.quota)
            await work.commit(None)


async def _told(parts: AsyncGenerator[Part, None], progress: JobProgress) -> AsyncGenerator[Part, None]:
    number = 0
    async with aclosing(parts):
        async for part in parts:
            await progress.report(100 * number // _PARTS, part.name)
            yield Part(part.name, progress.guard(part.chunks))
            number += 1


@dataclass(frozen=True, slots=True)
class ExportRemover:
    """Removes an archive."""

    begin: Begin[MembersWork]

    async def __call__(self, job: RemoveExport, claim: Claim, _progress: JobProgress) -> None:
        """Nothing, also when it was replaced or is gone with its user.

        Raises:
            LeaseLost: the job is not ours any more.
        """
        async with self.begin(claim) as work:
            await work.jobs.finish(claim)
            await work.blobs.remove(job.blob_id)
            await work.commit(None)
