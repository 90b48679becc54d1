"""What every job progress promises. A test class per adapter inherits the contract and overrides its fixtures."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest

from application.ports.jobs import JobProgress
from domain.jobs import JobCancelled, LeaseLost

Act = Callable[[], Awaitable[None]]
LONG = 20.0  # seconds, for what comes at once


class Source:
    """Numbers, of which those after `ready` never come."""

    def __init__(self, ready: int) -> None:
        self._ready = ready
        self.closed = False
        self.waiting = asyncio.Event()

    async def numbers(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(self._ready):
                await asyncio.sleep(0)
                yield number
            self.waiting.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.closed = True


async def few() -> AsyncGenerator[int, None]:
    for number in range(3):
        yield number


class JobProgressContract:
    @pytest.fixture
    def progress(self) -> JobProgress:
        raise NotImplementedError

    @pytest.fixture
    def cancel(self) -> Act:
        """Somebody asks for the job to stop, and its worker learns of it."""
        raise NotImplementedError

    @pytest.fixture
    def lose(self) -> Act:
        """The job is given to another worker."""
        raise NotImplementedError

    async def test_a_job_reports_and_goes_on(self, progress: JobProgress) -> None:
        await progress.report(10)
        await progress.report(100, "done")

    async def test_a_report_tells_a_job_to_stop(self, progress: JobProgress, cancel: Act) -> None:
        await cancel()

        with pytest.raises(JobCancelled):
            await progress.report(10)

    async def test_a_report_tells_that_the_job_is_not_ours_any_more(self, progress: JobProgress, lose: Act) -> None:
        await lose()

        with pytest.raises(LeaseLost):
            await progress.report(10)

    async def test_all_items_of_a_guarded_source_come_in_order(self, progress: JobProgress) -> None:
        assert [item async for item in progress.guard(few())] == [0, 1, 2]

    async def test_a_guarded_wait_ends_when_somebody_asks(self, progress: JobProgress, cancel: Act) -> None:
        source = Source(2)
        async with asyncio.timeout(LONG), asyncio.TaskGroup() as group:
            reading = group.create_task(_read(progress, source))
            await source.waiting.wait()
            assert not source.closed
            await cancel()
            items, stopped = await reading

        assert items == [0, 1]
        assert stopped
        assert source.closed

    async def test_a_guarded_source_gives_nothing_more_after_somebody_asked(
        self, progress: JobProgress, cancel: Act
    ) -> None:
        source = Source(10)
        items: list[int] = []

        async def read() -> None:
            async for item in progress.guard(source.numbers()):
                items.append(item)
                if item == 1:
                    await cancel()

        with pytest.raises(JobCancelled):
            await read()
        assert items == [0, 1]
        assert source.closed

    async def test_a_source_is_not_begun_when_somebody_asked_before(self, progress: JobProgress, cancel: Act) -> None:
        await cancel()
        source = Source(3)

        with pytest.raises(JobCancelled):
            [item async for item in progress.guard(source.numbers())]
        assert not source.waiting.is_set()

    async def test_an_error_of_the_source_comes_through(self, progress: JobProgress) -> None:
        async def broken() -> AsyncGenerator[int, None]:
            yield 1
            raise TimeoutError("of the source")

        with pytest.raises(TimeoutError, match="of the source"):
            [item async for item in progress.guard(broken())]

    async def test_the_source_is_closed_when_the_task_is_cancelled(self, progress: JobProgress) -> None:
        source = Source(1)
        reading = asyncio.create_task(_read(progress, source))
        await source.waiting.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

        assert source.closed

    async def test_a_source_that_swallows_the_interruption_gives_nothing_more(
        self, progress: JobProgress, cancel: Act
    ) -> None:
        waiting = asyncio.Event()

        async def stubborn() -> AsyncGenerator[int, None]:
            for number in range(3):
                try:
                    waiting.set()
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    yield number

        async def read() -> list[int]:
            return [item async for item in progress.guard(stubborn())]

        reading = asyncio.create_task(read())
        await waiting.wait()
        await cancel()

        with pytest.raises(JobCancelled):
            await reading


async def _read(progress: JobProgress, source: Source) -> tuple[list[int], bool]:
    """The items, and whether somebody asked to stop."""
    items: list[int] = []
    try:
        async for item in progress.guard(source.numbers()):
            items.append(item)  # noqa: PERF401 (those before the error count)
    except JobCancelled:
        return items, True
    return items, False
