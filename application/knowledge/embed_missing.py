from dataclasses import dataclass
from typing import ClassVar

from application.knowledge.embed_passages import EmbedPassages
from application.ports.clock import Clock
from application.ports.embedder import Embedder
from application.ports.embeddings import Embeddings
from application.ports.jobs import JobProgress, JobQueue, JobsWork
from application.ports.unit_of_work import Begin
from domain.jobs import RUNS_KEPT, Claim, Job, JobSpec

AT_ONCE = 200
"""To how many workspaces it gives a job in one turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedMissing(JobSpec):
    """See to it that all passages get the vectors of the embedder that is configured."""

    type: ClassVar[str] = "embed_missing"

    @property
    def unique_key(self) -> str | None:
        return "all"


@dataclass(frozen=True, slots=True)
class MissingEmbedder:
    """Gives each workspace with passages that lack a vector its job `EmbedPassages`, unless it has one.

    They lack one of an embedder that was changed, or since their job was cancelled or given up.
    """

    embeddings: Embeddings
    embedder: Embedder
    begin: Begin[JobsWork]
    queue: JobQueue
    clock: Clock

    async def __call__(self, _job: EmbedMissing, _claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many workspaces it found. Done again, it adds nothing."""
        found = await self.embeddings.incomplete(self.embedder.name, AT_ONCE)
        now = self.clock.now()
        async with self.begin() as work:
            for workspace_id in found:
                await work.jobs.add(Job.of(EmbedPassages(workspace_id=workspace_id), now))
            await work.commit(None)
        await self.queue.forget(EmbedMissing.type, now - RUNS_KEPT)
        await progress.report(100, f"{len(found)} workspaces to embed")
