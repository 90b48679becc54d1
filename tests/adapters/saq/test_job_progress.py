from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.saq.job_progress import ClaimedJobProgress
from adapters.saq.leases import Claimed, Leases
from adapters.saq.outage import Outage
from application.ports.jobs import JobProgress
from tests.adapters.saq.conftest import Work, World
from tests.contracts.job_progress import Act, JobProgressContract

_LEASE = timedelta(seconds=30)


class TestClaimedJobProgress(JobProgressContract):
    @pytest.fixture
    def leases(self, world: World) -> Leases:
        return Leases(world.queue, _LEASE, Outage())

    @pytest.fixture
    async def claimed(self, world: World, leases: Leases) -> Claimed:
        await world.add(Work())
        (claimed,) = leases.take(await world.queue.claim([Work.type], 1, _LEASE), float("inf"))
        return claimed

    @pytest.fixture
    @override
    def progress(self, world: World, claimed: Claimed) -> JobProgress:
        return ClaimedJobProgress(world.queue, claimed.claim, claimed.signal)

    @pytest.fixture
    @override
    def cancel(self, world: World, leases: Leases, claimed: Claimed) -> Act:
        async def ask() -> None:
            await world.ask_to_cancel(claimed.claim.job_id)
            await leases.extend()

        return ask

    @pytest.fixture
    @override
    def lose(self, world: World, claimed: Claimed) -> Act:
        async def lost() -> None:
            world.give_away(claimed.claim.job_id)

        return lost

    async def test_what_is_reported_is_stored(self, world: World, progress: JobProgress, claimed: Claimed) -> None:
        await progress.report(40, "reading")

        job = world.job(claimed.claim.job_id)
        assert (job.progress, job.note) == (40, "reading")
