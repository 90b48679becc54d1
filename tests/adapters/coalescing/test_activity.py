import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from typing_extensions import override

from adapters.coalescing.activity import CoalescingActivityViews
from application.ports.activity import ActivityFilter, ActivityView, ActivityViews
from domain.errors import Unavailable
from domain.ids import WorkspaceId
from domain.pages import Page
from tests.adapters.memory.conftest import memory_stores
from tests.contracts.activity import ActivityContract
from tests.contracts.stores import Stores

WORKSPACE = WorkspaceId(uuid4())


class HeldViews(ActivityViews):
    """Begins each look when it is asked, and ends it when `gate` opens."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.looks = 0
        self.away = False

    @override
    async def newest(
        self, workspace_id: WorkspaceId, only: ActivityFilter, cursor: str | None, limit: int
    ) -> Page[ActivityView]:
        raise NotImplementedError

    @override
    async def after(self, workspace_id: WorkspaceId, number: int, limit: int) -> list[ActivityView]:
        self.looks += 1
        await self.gate.wait()
        if self.away:
            raise Unavailable
        return []

    @override
    async def head(self, workspace_id: WorkspaceId) -> int:
        raise NotImplementedError


class TestActivity(ActivityContract):
    @pytest.fixture
    def stores(self) -> Stores:
        stores = memory_stores()
        return replace(stores, activity=CoalescingActivityViews(stores.activity))


async def _asked(views: CoalescingActivityViews, number: int, times: int) -> list[asyncio.Task[list[ActivityView]]]:
    asked = [asyncio.create_task(views.after(WORKSPACE, number, 100)) for _ in range(times)]
    for _ in range(3):
        await asyncio.sleep(0)
    return asked


async def test_a_thousand_who_ask_at_once_are_answered_by_one_look() -> None:
    held = HeldViews()
    held.gate.set()
    await asyncio.gather(*await _asked(CoalescingActivityViews(held), 7, 1_000))
    assert held.looks == 1


async def test_who_asks_while_a_look_is_under_way_waits_for_the_next_which_all_of_them_share() -> None:
    held = HeldViews()
    views = CoalescingActivityViews(held)
    first = await _asked(views, 7, 10)
    later = [*await _asked(views, 7, 10), *await _asked(views, 7, 10)]
    assert held.looks == 1
    held.gate.set()
    await asyncio.gather(*first, *later)
    assert held.looks == 2


async def test_looks_behind_different_events_do_not_wait_for_each_other() -> None:
    held = HeldViews()
    views = CoalescingActivityViews(held)
    asked = [*await _asked(views, 7, 3), *await _asked(views, 8, 3)]
    assert held.looks == 2
    held.gate.set()
    await asyncio.gather(*asked)


async def test_a_reader_who_leaves_takes_nothing_from_the_others() -> None:
    held = HeldViews()
    views = CoalescingActivityViews(held)
    leaving, staying = await _asked(views, 7, 2)
    leaving.cancel()
    await asyncio.wait([leaving])
    held.gate.set()
    assert await staying == []
    assert leaving.cancelled()


async def test_a_failure_is_told_to_all_who_asked_and_the_next_look_is_new() -> None:
    held = HeldViews()
    held.away = True
    views = CoalescingActivityViews(held)
    asked = await _asked(views, 7, 3)
    held.gate.set()
    assert [type(each) for each in await asyncio.gather(*asked, return_exceptions=True)] == [Unavailable] * 3
    held.away = False
    assert await views.after(WORKSPACE, 7, 100) == []
