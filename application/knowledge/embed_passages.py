from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from application.ports.embedder import Embedder, EmbedderError, EmbedderUnavailable
from application.ports.embeddings import Embeddings, Unembedded, Vector
from application.ports.jobs import JobProgress
from domain.ids import PassageId, WorkspaceId
from domain.jobs import Claim, JobSpec, TryAgain, backoff

BATCH = 128
_MENDED_AFTER = timedelta(minutes=10)
_LONGEST_WAIT = 3600
_TRIES = 5
"""Of the job, before a text that an embedder fails at which answers otherwise goes without a vector of its own."""


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

    What is there stays findable by its words meanwhile, and so it does when the embedder does not answer. A text that
    alone is refused, or failed at again and again, gets the vector of the empty text, and holds up no other.
    """

    embeddings: Embeddings
    embedder: Embedder

    async def __call__(self, job: EmbedPassages, claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many it went through. Done again, it goes on with what is left.

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
        except EmbedderError as error:
            return await self._apart(missing, claim, error)
        return {each.passage_id: vector for each, vector in zip(missing, vectors, strict=True)}

    async def _apart(
        self, missing: Sequence[Unembedded], claim: Claim, error: EmbedderError
    ) -> Mapping[PassageId, Vector]:
        """The vectors of what together has raised `error`."""
        middle = len(missing) // 2
        nothing = await self._of_nothing(error, claim, alone=not middle)
        if not middle:
            return {missing[0].passage_id: nothing}
        return {**await self._vectors(missing[:middle], claim), **await self._vectors(missing[middle:], claim)}

    async def _of_nothing(self, error: EmbedderError, claim: Claim, *, alone: bool) -> Vector:
        """The vector of the empty text, by which we see that the texts are at fault and not the embedder.

        Raises:
            TryAgain: it is the embedder, or may be.
        """
        busy = isinstance(error, EmbedderUnavailable) and (
            error.retry_after is not None or (alone and claim.attempt < _TRIES)
        )
        if busy:
            raise _again(error, claim) from error
        try:
            (vector,) = await self.embedder.embed([""])
        except EmbedderError as second:
            raise _again(second, claim) from second
        return vector


def _again(error: EmbedderError, claim: Claim) -> TryAgain:
    if not isinstance(error, EmbedderUnavailable):
        return TryAgain("The embedder refuses: look at its settings.", after=_MENDED_AFTER)
    told = timedelta(seconds=min(error.retry_after or 0, _LONGEST_WAIT))
    return TryAgain("The embedder does not answer.", after=max(backoff(claim.attempt), told))
