from dataclasses import dataclass

from application.ports.jobs import JobsWork
from application.ports.unit_of_work import Begin
from domain.jobs import Job


@dataclass(frozen=True, slots=True)
class AddScheduledJob:
    """Stores the next turn of a recurring job; asked by every worker, it is stored once."""

    begin: Begin[JobsWork]

    async def __call__(self, job: Job) -> None:
        """Nothing; the job or one of its kind waits."""
        async with self.begin() as work:
            await work.jobs.add(job)
            await work.commit(None)
