import asyncio
from dataclasses import dataclass
from typing import ClassVar

from application.ports.audit import AuditLog
from application.ports.clock import Clock
from application.ports.jobs import JobProgress, JobQueue
from domain.audit import SEALED_AT_ONCE, seal
from domain.ids import WorkspaceId
from domain.jobs import RUNS_KEPT, Claim, JobSpec

_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SealActivity(JobSpec):
    """Seal what has happened since the last time."""

    type: ClassVar[str] = "seal_activity"

    @property
    def unique_key(self) -> str | None:
        return "all"


@dataclass(frozen=True, slots=True)
class ActivitySealer:
    """Seals the activity of each workspace behind its units of work, which need not wait for it."""

    log: AuditLog
    queue: JobQueue
    clock: Clock

    async def __call__(self, _job: SealActivity, _claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many events it sealed. Done again, it goes on with what has no seal.

        Raises:
            JobCancelled: somebody asked it to stop; what was sealed stays so.
            LeaseLost: the job is not ours any more.
        """
        sealed, after = 0, None
        while page := await self.log.unsealed(after, _PAGE):
            for workspace_id in page:
                while rows := await self._seal_some(workspace_id):
                    sealed += rows
                    await progress.report(50, f"{sealed} events sealed")
            after = page[-1]
        await self.queue.forget(SealActivity.type, self.clock.now() - RUNS_KEPT)
        await progress.report(100, f"{sealed} events sealed")

    async def _seal_some(self, workspace_id: WorkspaceId) -> int:
        """How many rows are under the seal that it made; 0 when there are none, or another was faster."""
        previous = await self.log.newest_seal(workspace_id)
        first = previous.last + 1 if previous else 1
        last = min(await self.log.head(workspace_id), first + SEALED_AT_ONCE - 1)
        entries = await self.log.entries(workspace_id, first, last)
        if not entries:
            return 0
        now = self.clock.now()
        made = await asyncio.to_thread(
            seal, workspace_id, entries, first=first, last=last, previous=previous, at=now
        )  # thousands of hashes, for which replies are not to wait
        return len(entries) if await self.log.add(made) else 0
