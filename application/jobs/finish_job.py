from dataclasses import dataclass

from application.ports.jobs import JobsWork
from application.ports.unit_of_work import Begin
from domain.jobs import Claim, LeaseLost


@dataclass(frozen=True, slots=True)
class FinishJob:
    """Ends the job of a use case that came to its end and had nothing to save with it."""

    begin: Begin[JobsWork]

    async def __call__(self, claim: Claim) -> None:
        """Nothing; the job has succeeded, unless the use case ended it or somebody else has it."""
        try:
            async with self.begin(claim) as work:
                await work.jobs.finish(claim)
                await work.commit(None)
        except LeaseLost:
            return
