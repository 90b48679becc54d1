from datetime import timedelta

from tests.contracts.examples import LEASE, a_job, add_jobs, later
from tests.contracts.jobs import JobQueueContract, JobsContract, JobViewsContract
from tests.contracts.stores import Stores


class TestJobQueue(JobQueueContract):
    async def test_a_job_due_at_once_is_due_also_when_our_clock_is_ahead_of_the_databases(self, stores: Stores) -> None:
        stores.clock.advance(timedelta(hours=2))
        job = a_job(stores, None)
        await add_jobs(stores, job)
        assert [claim.job_id for claim in await stores.queue.claim([job.type], 1, LEASE)] == [job.id]

    async def test_a_job_for_later_is_not_due_before(self, stores: Stores) -> None:
        job = a_job(stores, None, run_at=later(stores) + timedelta(hours=2))
        await add_jobs(stores, job)
        assert await stores.queue.claim([job.type], 1, LEASE) == []


class TestJobs(JobsContract): ...


class TestJobViews(JobViewsContract): ...
