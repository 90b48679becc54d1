import asyncio
from datetime import timedelta
from typing import Any

from tests.contracts.examples import LEASE, a_job, a_type, add_jobs, later
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

    async def test_statements_over_several_jobs_lock_them_in_the_order_of_their_ids(self, stores: Stores) -> None:
        type_ = a_type()
        await add_jobs(stores, *(a_job(stores, None, type=type_) for _ in range(2)))
        low, high = sorted(await stores.queue.claim([type_], 2, LEASE), key=lambda claim: claim.job_id)
        async with stores.begin() as work:
            await work.jobs.lock(low.job_id)
            releasing = asyncio.create_task(stores.queue.release([high, low]))
            finishing = asyncio.gather(*map(stores.queue.finish, [high, low]))
            both: list[asyncio.Future[Any]] = [releasing, finishing]
            done, _ = await asyncio.wait(both, timeout=0.2)
            assert not done
            async with stores.begin() as other, asyncio.timeout(5):
                await other.jobs.lock(high.job_id)  # neither has it while it waits for the lower
        await asyncio.gather(releasing, finishing)


class TestJobs(JobsContract): ...


class TestJobViews(JobViewsContract): ...
