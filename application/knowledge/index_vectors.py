from dataclasses import dataclass
from typing import ClassVar

from application.ports.embedder import Embedder
from application.ports.jobs import JobProgress
from application.ports.vector_indexes import VectorIndexes
from domain.jobs import Claim, JobSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexVectors(JobSpec):
    """Keep the search by meaning fast where workspaces have grown large."""

    type: ClassVar[str] = "index_vectors"

    @property
    def unique_key(self) -> str | None:
        return "all"


@dataclass(frozen=True, slots=True)
class VectorIndexer:
    """Gives each large workspace an index of its vectors, and takes away those that serve nobody any more."""

    indexes: VectorIndexes
    embedder: Embedder

    async def __call__(self, _job: IndexVectors, _claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many it built and removed. Done again, it goes on with what is left.

        Raises:
            JobCancelled: somebody asked it to stop; what was built stays.
            LeaseLost: the job is not ours any more.
        """
        wanted = await self.indexes.wanted(self.embedder.name)
        for number, workspace_id in enumerate(wanted):
            await progress.report(100 * number // len(wanted), f"{number} of {len(wanted)} indexes built")
            await self.indexes.build(self.embedder.name, workspace_id)
        removed = await self.indexes.remove_unused(self.embedder.name)
        await progress.report(100, f"{len(wanted)} indexes built, {removed} removed")
