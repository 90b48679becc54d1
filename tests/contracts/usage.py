import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.ports.usage import MOST_GROUPS, UsageGroup, UsageReport
from domain.errors import NotFound
from domain.ids import ConversationId, RunId, UsageEntryId, WorkspaceId
from domain.pricing import Cost
from domain.usage import Limit, ReachedLimit, Spent, UsageEntry, UsageSum, reached
from domain.workspaces import WorkspaceLimits
from tests.contracts.examples import Tenant, a_conversation, a_tenant, edited, erase, later, refused
from tests.contracts.stores import Stores

DAY = date(2026, 11, 21)
NEXT = DAY + timedelta(days=1)
HERE, THERE = b"\x01" * 32, b"\x02" * 32
NO_LIMITS = WorkspaceLimits(tokens_per_day=None, tokens_per_conversation=None, tokens_per_visitor=None)
ALL = WorkspaceLimits(tokens_per_day=1000, tokens_per_conversation=1000, tokens_per_visitor=1000)
EUR = Cost(amount="0.5", currency="EUR")
RACERS = 50


def an_entry(stores: Stores, workspace_id: WorkspaceId, **fields: Any) -> UsageEntry:
    entry = UsageEntry(
        id=UsageEntryId(uuid4()),
        workspace_id=workspace_id,
        day=DAY,
        conversation_id=ConversationId(uuid4()),
        run_id=RunId(uuid4()),
        model="a:one",
        input_tokens=80,
        output_tokens=20,
        cost=None,
        estimated=False,
        origin=None,
        at=later(stores),
    )
    return replace(entry, **fields)


async def add(stores: Stores, *entries: UsageEntry) -> None:
    async with stores.begin() as work:
        for entry in entries:
            await work.usage.add(entry)
        await work.commit(None)


async def spent(stores: Stores, entry: UsageEntry, limits: WorkspaceLimits = ALL) -> Spent:
    async with stores.begin() as work:
        return await work.usage.spent(entry, limits)


async def reserve(stores: Stores, entry: UsageEntry, limits: WorkspaceLimits) -> bool:
    """Whether the call may be made, which is reserved then, as the use case does it."""
    async with stores.begin() as work:
        if reached(limits, await work.usage.spent(entry, limits)):
            return False
        await asyncio.sleep(0)  # others get their chance to overtake
        await work.usage.add(entry)
        return await work.commit(answer=True)


async def noticed(stores: Stores, entry: UsageEntry, limit: Limit, tokens: int = 1_000) -> bool:
    async with stores.begin() as work:
        reached = ReachedLimit(limit=limit, tokens=tokens, spent=tokens)
        return await work.commit(await work.usage.notice(entry, reached))


class UsageLedgerContract:
    @pytest.fixture
    async def tenant(self, stores: Stores) -> Tenant:
        return await a_tenant(stores)

    async def test_what_was_used_counts_by_day_conversation_and_visitor(self, stores: Stores, tenant: Tenant) -> None:
        entry = an_entry(stores, tenant.id, origin=HERE)
        same: dict[str, Any] = {"conversation_id": entry.conversation_id}
        await add(
            stores,
            an_entry(stores, tenant.id, input_tokens=1, output_tokens=0),
            an_entry(stores, tenant.id, input_tokens=10, output_tokens=0, day=NEXT, **same),
            an_entry(stores, tenant.id, input_tokens=100, output_tokens=0, origin=HERE),
            an_entry(stores, tenant.id, input_tokens=1_000, output_tokens=500, origin=THERE, **same),
            an_entry(stores, tenant.id, input_tokens=10_000, output_tokens=0, origin=HERE, day=NEXT),
        )

        assert await spent(stores, entry) == Spent(day=1_601, conversation=1_510, visitor=100)

    async def test_nothing_is_looked_for_that_no_limit_needs(self, stores: Stores, tenant: Tenant) -> None:
        entry = an_entry(stores, tenant.id, origin=HERE)
        await add(stores, replace(entry, id=UsageEntryId(uuid4())))

        assert await spent(stores, entry, NO_LIMITS) == Spent()
        assert await spent(stores, entry, replace(NO_LIMITS, tokens_per_day=1)) == Spent(day=100)
        assert await spent(stores, entry, replace(NO_LIMITS, tokens_per_conversation=1)) == Spent(conversation=100)
        assert await spent(stores, entry, replace(NO_LIMITS, tokens_per_visitor=1)) == Spent(visitor=100)

    async def test_whoever_has_no_origin_is_no_visitor(self, stores: Stores, tenant: Tenant) -> None:
        await add(stores, an_entry(stores, tenant.id))

        assert (await spent(stores, an_entry(stores, tenant.id))).visitor == 0

    async def test_other_workspaces_count_for_nothing(self, stores: Stores, tenant: Tenant) -> None:
        entry = an_entry(stores, tenant.id, origin=HERE)
        await add(stores, replace(entry, id=UsageEntryId(uuid4()), workspace_id=(await a_tenant(stores)).id))

        assert await spent(stores, entry) == Spent()

    async def test_an_entry_is_of_a_workspace(self, stores: Stores) -> None:
        async with refused(stores, NotFound) as work:
            await work.usage.add(an_entry(stores, WorkspaceId(uuid4())))

    async def test_a_settled_entry_counts_what_the_call_took(self, stores: Stores, tenant: Tenant) -> None:
        reserved = an_entry(stores, tenant.id, input_tokens=900, output_tokens=900, estimated=True, origin=HERE)
        await add(stores, reserved)
        async with stores.begin() as work:
            await work.usage.settle(reserved.settled("a:two", 70, 7, EUR, estimated=False))
            await work.commit(None)

        assert (await spent(stores, reserved)) == Spent(day=77, conversation=77, visitor=77)
        report = await stores.usage.report(tenant.id, DAY, DAY, UsageGroup.MODEL)
        assert [row.key for row in report.rows] == ["a:two"]
        assert report.total == UsageSum(calls=1, input_tokens=70, output_tokens=7, costs=(EUR,))

    async def test_an_entry_that_is_not_there_is_not_settled(self, stores: Stores, tenant: Tenant) -> None:
        async with stores.begin() as work:
            await work.usage.settle(an_entry(stores, tenant.id))
            await work.commit(None)

        assert (await stores.usage.report(tenant.id, DAY, DAY, UsageGroup.DAY)).total == UsageSum()

    async def test_what_is_not_committed_was_not_used(self, stores: Stores, tenant: Tenant) -> None:
        entry = an_entry(stores, tenant.id)
        async with stores.begin() as work:
            await work.usage.add(entry)
            assert (await work.usage.spent(an_entry(stores, tenant.id), ALL)).day == 100

        assert (await spent(stores, an_entry(stores, tenant.id))).day == 0

    @pytest.mark.parametrize("limit", ["tokens_per_day", "tokens_per_visitor"])
    async def test_of_many_who_reserve_at_once_one_overspends_at_most(
        self, stores: Stores, tenant: Tenant, limit: str
    ) -> None:
        limits = replace(NO_LIMITS, **{limit: 950})
        racers = [an_entry(stores, tenant.id, origin=HERE) for _ in range(RACERS)]
        async with asyncio.TaskGroup() as group:
            tries = [group.create_task(reserve(stores, entry, limits)) for entry in racers]

        assert sum(attempt.result() for attempt in tries) == 10
        assert (await spent(stores, racers[0])).day == 1_000

    async def test_visitors_do_not_wait_for_each_other(self, stores: Stores, tenant: Tenant) -> None:
        limits = replace(NO_LIMITS, tokens_per_visitor=1)
        async with stores.begin() as work:
            await work.usage.spent(an_entry(stores, tenant.id, origin=HERE), limits)
            async with asyncio.timeout(5):
                assert await reserve(stores, an_entry(stores, tenant.id, origin=THERE), limits)

    async def test_a_limit_is_noticed_once_for_its_day_and_scope(self, stores: Stores, tenant: Tenant) -> None:
        entry = an_entry(stores, tenant.id, origin=HERE)
        elsewhere = an_entry(stores, tenant.id, origin=THERE)
        tries = [
            [await noticed(stores, at, limit) for at in (entry, entry, elsewhere, replace(entry, day=NEXT))]
            for limit in Limit
        ]

        assert dict(zip(Limit, tries, strict=True)) == {
            Limit.DAY: [True, False, False, True],
            Limit.CONVERSATION: [True, False, True, True],
            Limit.VISITOR: [True, False, True, True],
        }
        assert await noticed(stores, an_entry(stores, (await a_tenant(stores)).id), Limit.DAY)

    async def test_a_limit_that_was_changed_is_noticed_anew(self, stores: Stores, tenant: Tenant) -> None:
        entry = an_entry(stores, tenant.id)
        tries = [await noticed(stores, entry, Limit.DAY, tokens) for tokens in (1_000, 0, 1_000)]

        assert tries == [True, True, False]

    async def test_a_limit_is_not_noticed_by_a_unit_that_is_undone(self, stores: Stores, tenant: Tenant) -> None:
        entry = an_entry(stores, tenant.id)
        async with stores.begin() as work:
            assert await work.usage.notice(entry, ReachedLimit(limit=Limit.DAY, tokens=1_000, spent=1_000))

        assert await noticed(stores, entry, Limit.DAY)

    async def test_of_many_who_notice_at_once_one_is_the_first(self, stores: Stores, tenant: Tenant) -> None:
        entry = an_entry(stores, tenant.id)
        async with asyncio.TaskGroup() as group:
            tries = [group.create_task(noticed(stores, entry, Limit.DAY)) for _ in range(10)]

        assert sum(attempt.result() for attempt in tries) == 1


class UsageOriginsContract:
    async def test_origins_of_earlier_days_are_forgotten_and_what_was_used_stays(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        long_ago = date(2001, 1, 1)
        old, young = (an_entry(stores, tenant.id, origin=HERE, day=day) for day in (long_ago, NEXT))
        await add(stores, old, young)
        for entry in (old, young):
            assert await noticed(stores, entry, Limit.VISITOR)

        assert await stores.usage_origins.forget(long_ago + timedelta(days=1)) >= 1
        assert await spent(stores, old) == Spent(day=100, conversation=100, visitor=0)
        assert await spent(stores, young) == Spent(day=100, conversation=100, visitor=100)
        assert [await noticed(stores, entry, Limit.VISITOR) for entry in (old, young)] == [True, False]

    async def test_an_origin_is_forgotten_once(self, stores: Stores) -> None:
        await stores.usage_origins.forget(date(2001, 1, 1))

        assert await stores.usage_origins.forget(date(2001, 1, 1)) == 0


class UsageViewsContract:
    @pytest.fixture
    async def tenant(self, stores: Stores) -> Tenant:
        return await a_tenant(stores)

    async def report(
        self, stores: Stores, tenant: Tenant, group: UsageGroup, first: date = DAY, last: date = NEXT
    ) -> UsageReport:
        return await stores.usage.report(tenant.id, first, last, group)

    async def test_the_time_zone_is_that_of_the_workspace(self, stores: Stores, tenant: Tenant) -> None:
        await edited(stores, tenant, timezone="Pacific/Auckland")

        assert await stores.usage.timezone(tenant.id) == "Pacific/Auckland"
        assert await stores.usage.timezone(WorkspaceId(uuid4())) is None

    async def test_each_day_is_added_up_in_order(self, stores: Stores, tenant: Tenant) -> None:
        days = [NEXT, DAY, NEXT, DAY - timedelta(days=1), NEXT + timedelta(days=1)]
        await add(stores, *(an_entry(stores, tenant.id, day=day) for day in days))
        report = await self.report(stores, tenant, UsageGroup.DAY)

        assert [(row.key, row.usage.calls) for row in report.rows] == [("2026-11-21", 1), ("2026-11-22", 2)]
        assert report.total == UsageSum(calls=3, input_tokens=240, output_tokens=60, unpriced_calls=3)

    async def test_costs_are_exact_and_apart_by_currency(self, stores: Stores, tenant: Tenant) -> None:
        costs = [
            Cost(amount="0.1", currency="USD"),
            Cost(amount="0.20000000000000000001", currency="USD"),
            Cost(amount="100", currency="EUR"),
            Cost(amount="0.000", currency="CZK"),
            None,
        ]
        await add(stores, *(an_entry(stores, tenant.id, cost=cost, estimated=cost is None) for cost in costs))
        report = await self.report(stores, tenant, UsageGroup.DAY)

        assert report.total.costs == (
            Cost(amount="0", currency="CZK"),
            Cost(amount="100", currency="EUR"),
            Cost(amount="0.30000000000000000001", currency="USD"),
        )
        assert (report.total.calls, report.total.unpriced_calls, report.total.estimated_calls) == (5, 1, 1)
        assert [row.usage for row in report.rows] == [report.total]

    async def test_the_models_with_the_most_tokens_come_first(self, stores: Stores, tenant: Tenant) -> None:
        tokens = {"a:few": 1, "b:equal": 500, "a:equal": 500, "a:most": 900}
        await add(
            stores,
            *(an_entry(stores, tenant.id, model=model, input_tokens=many) for model, many in tokens.items()),
        )
        report = await self.report(stores, tenant, UsageGroup.MODEL)

        assert [row.key for row in report.rows] == ["a:most", "a:equal", "b:equal", "a:few"]

    async def test_the_rows_are_bounded_and_the_total_is_not(self, stores: Stores, tenant: Tenant) -> None:
        few = an_entry(stores, tenant.id, input_tokens=0, output_tokens=1)
        entries = [an_entry(stores, tenant.id) for _ in range(MOST_GROUPS)]
        await add(stores, few, *entries)
        report = await self.report(stores, tenant, UsageGroup.CONVERSATION)

        assert {row.key for row in report.rows} == {str(entry.conversation_id) for entry in entries}
        assert report.total.calls == MOST_GROUPS + 1

    async def test_a_conversation_with_a_companion_counts_and_is_not_named(
        self, stores: Stores, tenant: Tenant
    ) -> None:
        known, private = an_entry(stores, tenant.id), an_entry(stores, tenant.id, private=True)
        await add(stores, known, private)
        report = await self.report(stores, tenant, UsageGroup.CONVERSATION)
        assert [row.key for row in report.rows] == [str(known.conversation_id)]
        assert report.total.calls == 2
        assert (await self.report(stores, tenant, UsageGroup.DAY)).rows[0].usage.calls == 2

    async def test_what_was_erased_is_still_counted(self, stores: Stores, tenant: Tenant) -> None:
        conversation = await a_conversation(stores, tenant)
        await add(stores, an_entry(stores, tenant.id, conversation_id=conversation.id))
        await erase(stores, conversation)
        report = await self.report(stores, tenant, UsageGroup.CONVERSATION)

        assert [(row.key, row.usage.tokens) for row in report.rows] == [(str(conversation.id), 100)]

    async def test_other_workspaces_are_not_counted(self, stores: Stores, tenant: Tenant) -> None:
        await add(stores, an_entry(stores, (await a_tenant(stores)).id))

        assert await self.report(stores, tenant, UsageGroup.DAY) == UsageReport(rows=[], total=UsageSum())
