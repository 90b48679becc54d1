import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest

from adapters.postgres.job_ends import JobEnds
from domain.errors import Unavailable
from domain.ids import JobId
from domain.jobs import Claim


class Statements:
    """What was ended by each statement, of which the first waits until it may end, and may fail."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.sent: list[list[Claim]] = []
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self._failure = failure

    async def __call__(self, claims: Sequence[Claim]) -> None:
        self.sent.append(list(claims))
        self.begun.set()
        await self.may_end.wait()
        if self._failure and len(self.sent) == 1:
            raise self._failure


def a_claim() -> Claim:
    return Claim(job_id=JobId(uuid4()), attempt=1, type="work", payload={}, workspace_id=None)


async def test_jobs_that_end_while_others_are_being_ended_go_together_in_the_next_statement() -> None:
    first, *others = [a_claim() for _ in range(4)]
    statements = Statements()
    ends = JobEnds(statements)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(ends.add(first))
        await statements.begun.wait()
        for claim in others:
            group.create_task(ends.add(claim))
        await asyncio.sleep(0.01)
        assert statements.sent == [[first]]
        statements.may_end.set()

    assert statements.sent == [[first], others]


async def test_a_failure_is_that_of_all_who_went_together_and_of_nobody_after_them() -> None:
    statements = Statements(Unavailable())
    ends = JobEnds(statements)
    async with asyncio.timeout(5):
        together = asyncio.gather(*(ends.add(a_claim()) for _ in range(2)), return_exceptions=True)
        await statements.begun.wait()
        after = asyncio.create_task(ends.add(a_claim()))
        statements.may_end.set()

        assert [type(error) for error in await together] == [Unavailable, Unavailable]
        await after


async def test_who_stops_waiting_does_not_stop_the_statement_of_the_others() -> None:
    statements = Statements()
    ends = JobEnds(statements)
    async with asyncio.timeout(5):
        gone, kept = (asyncio.create_task(ends.add(a_claim())) for _ in range(2))
        await statements.begun.wait()
        gone.cancel()
        statements.may_end.set()
        await kept

    with pytest.raises(asyncio.CancelledError):
        await gone
    assert len(statements.sent) == 1
