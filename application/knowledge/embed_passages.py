from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from application.ports.embedder import Embedder, EmbedderMisconfigured, EmbedderUnavailable
from application.ports.jobs import JobProgress
from application.ports.knowledge import Embeddings, Unembedded, Vector
from domain.ids import PassageId, WorkspaceId
from domain.jobs import Claim, JobSpec, TryAgain, backoff

BATCH = 128
_MENDED_AFTER = timedelta(minutes=10)
_LONGEST_WAIT = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedPassages(JobSpec):
    """Give the passages of a workspace their vectors."""

    type: ClassVar[str] = "embed_passages"
    # About a week: an embedder that is away is no reason to give up, nor to write to anybody.
    max_attempts: ClassVar[int] = 1_000
    workspace_id: WorkspaceId

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def unique_key(self) -> str | None:
        return str(self.workspace_id)


@dataclass(frozen=True, slots=True)
class PassageEmbedder:
    """Embeds what has no vector of the embedder that is configured, the newest first, in batches.

    What is there stays findable by its words meanwhile, and so it does when the embedder does not answer.
    """

    embeddings: Embeddings
    embedder: Embedder

    async def __call__(self, job: EmbedPassages, claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many it embedded. Done again, it goes on with what is left.

        What is added while it ends has to wait for `EmbedMissing`.

        Raises:
            JobCancelled: somebody asked it to stop; what was done stays done.
            LeaseLost: the job is not ours any more.
            TryAgain: the embedder does not answer.
        """
        done = 0
        while missing := await self.embeddings.missing(self.embedder.name, job.workspace_id, BATCH):
            await self.embeddings.put(self.embedder.name, await self._vectors(missing, claim))
            done += len(missing)
            await progress.report(50, f"{done} passages embedded")
        await progress.report(100, f"{done} passages embedded")

    async def _vectors(self, missing: Sequence[Unembedded], claim: Claim) -> Mapping[PassageId, Vector]:
        try:
            vectors = await self.embedder.embed([each.words for each in missing])
        except EmbedderUnavailable as error:
            told = timedelta(seconds=min(error.retry_after or 0, _LONGEST_WAIT))
            after = max(backoff(claim.attempt), told)
            raise TryAgain("The embedder does not answer.", after=after) from error
        except EmbedderMisconfigured as error:
            raise TryAgain("The embedder refuses: look at its settings.", after=_MENDED_AFTER) from error
        return {each.passage_id: vector for each, vector in zip(missing, vectors, strict=True)}
