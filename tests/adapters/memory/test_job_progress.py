import pytest
from typing_extensions import override

from adapters.memory.job_progress import MemoryJobProgress
from application.ports.jobs import JobProgress
from tests.contracts.job_progress import Act, JobProgressContract


class TestMemoryJobProgress(JobProgressContract):
    @pytest.fixture
    @override
    def progress(self) -> JobProgress:
        return MemoryJobProgress()

    @pytest.fixture
    @override
    def cancel(self, progress: MemoryJobProgress) -> Act:
        async def ask() -> None:
            progress.cancel()

        return ask

    @pytest.fixture
    @override
    def lose(self, progress: MemoryJobProgress) -> Act:
        async def lost() -> None:
            progress.lose()

        return lost


async def test_it_keeps_what_was_reported() -> None:
    progress = MemoryJobProgress()
    await progress.report(10)
    await progress.report(100, "done")

    assert progress.reports == [(10, None), (100, "done")]
