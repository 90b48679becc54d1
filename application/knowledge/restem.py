from dataclasses import dataclass
from typing import ClassVar

from application.ports.jobs import JobProgress
from application.ports.passage_languages import PassageLanguages
from domain.ids import WorkspaceId
from domain.jobs import Claim, JobSpec, TryAgain, backoff

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Restem(JobSpec):
    """Have what a workspace knows found by its words in the language that the workspace has now.

    Attributes:
        language: that language (BCP 47). A change made while the job of an earlier one ends has a job of its own.
    """

    type: ClassVar[str] = "restem"
    workspace_id: WorkspaceId
    language: str

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def unique_key(self) -> str | None:
        return f"{self.workspace_id} {self.language}"


@dataclass(frozen=True, slots=True)
class Restemmer:
    """Takes the words of passages in the language of their workspace, in batches.

    What is there stays findable meanwhile: by its words as they are, whatever the language, and by its meaning.
    """

    languages: PassageLanguages

    async def __call__(self, job: Restem, claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many it did. Done again, it goes on with what is left.

        Raises:
            JobCancelled: somebody asked it to stop; what was done stays done.
            LeaseLost: the job is not ours any more.
            TryAgain: all that is left is being changed by others.
        """
        done = 0
        while stale := await self.languages.stale(job.workspace_id, BATCH):
            written = await self.languages.put(job.workspace_id, stale)
            if not written:
                raise TryAgain("What is left is being changed.", after=backoff(claim.attempt))
            done += written
            await progress.report(50, _told(done))
        await progress.report(100, _told(done))


def _told(done: int) -> str:
    return f"{done} passages restemmed"
