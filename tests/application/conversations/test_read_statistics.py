from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.statistics import MemoryStatisticsViews
from adapters.memory.usage import MemoryUsageViews
from application.conversations.read_statistics import ReadStatistics, Statistics
from application.ports.language_model import Finished, ModelRefused, StopReason, TextDelta
from application.ports.workspaces import WorkspaceView
from domain.access import Caller
from domain.conversations.statistics import MessageCounts, QuestionCounts
from domain.errors import Forbidden, Invalid, NotFound
from domain.ids import ConversationId, RunId, UsageEntryId, new_id
from domain.pricing import Cost
from domain.usage import UsageEntry, UsageSum
from tests.application.world import World

ANSWER = (TextDelta("Yes."), Finished(reason=StopReason.END))


async def read(world: World, caller: Caller, workspace: WorkspaceView, name: str = "7d") -> Statistics:
    views, usage = MemoryStatisticsViews(world.store), MemoryUsageViews(world.store)
    return await ReadStatistics(views, usage, world.clock)(caller, workspace.id, name)


def used(world: World, workspace: WorkspaceView, day: date, tokens: int, amount: str) -> None:
    now = world.clock.now()
    entry = UsageEntry(
        id=UsageEntryId(new_id(now)),
        workspace_id=workspace.id,
        day=day,
        conversation_id=ConversationId(new_id(now)),
        run_id=RunId(new_id(now)),
        model="test:model",
        input_tokens=tokens,
        output_tokens=1,
        cost=Cost(amount=amount, currency="EUR"),
        estimated=False,
        origin=None,
        at=now,
    )
    world.store.usage_entries.rows[entry.id] = entry


async def test_what_happened_is_told_for_each_day_of_the_workspace(world: World) -> None:
    world.clock.advance(datetime(2026, 3, 29, 21, 59, 50, tzinfo=UTC) - world.clock.now())
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"timezone": "Europe/Prague"})
    visit = await world.visit(workspace.handle)
    await world.say(visit)
    await world.reply(await world.claim(), ScriptedLanguageModel(ANSWER))
    world.clock.advance(timedelta(seconds=10))
    await world.say(visit)
    await world.reply(await world.claim(), ScriptedLanguageModel([ModelRefused()]))
    found = await read(world, owner, workspace)
    assert [day.date for day in found.days] == [date(2026, 3, 24) + timedelta(days=number) for number in range(7)]
    assert (found.range.first, found.range.last, found.range.timezone) == (
        date(2026, 3, 24),
        date(2026, 3, 30),
        "Europe/Prague",
    )
    assert [day.questions for day in found.days[-2:]] == [QuestionCounts(answered=1), QuestionCounts(unanswered=1)]
    assert found.totals.messages == MessageCounts(visitor=2, assistant=1)
    assert (found.totals.conversations, found.totals.minutes_saved) == (1, 3)
    assert [day.minutes_saved for day in found.days[-2:]] == [3, 0]


async def test_what_the_models_took_is_told_for_each_day_even_of_the_longest_range(world: World) -> None:
    owner, workspace = await world.owner()
    today = world.clock.now().date()
    first = today - timedelta(days=399)
    for number in range(400):
        used(world, workspace, first + timedelta(days=number), number, "0.25")
    used(world, workspace, first - timedelta(days=1), 10**6, "9")
    found = await read(world, owner, workspace, f"{first}..{today}")
    assert [day.usage.input_tokens for day in found.days] == list(range(400))
    assert (found.totals.usage.calls, found.totals.usage.input_tokens) == (400, sum(range(400)))
    (cost,) = found.totals.usage.costs
    assert (Decimal(cost.amount), cost.currency) == (Decimal(100), "EUR")


async def test_a_day_without_calls_used_nothing(world: World) -> None:
    owner, workspace = await world.owner()
    found = await read(world, owner, workspace, "today")
    assert found.totals.usage == UsageSum() == found.days[0].usage


async def test_a_bad_range_is_refused(world: World) -> None:
    owner, workspace = await world.owner()
    with pytest.raises(Invalid):
        await read(world, owner, workspace, "8d")


async def test_only_members_read(world: World) -> None:
    _, workspace = await world.owner()
    await read(world, world.viewer(workspace), workspace)
    with pytest.raises(NotFound):
        await read(world, world.stranger(), workspace)
    with pytest.raises((NotFound, Forbidden)):
        await read(world, Caller(actor=world.stranger().actor), workspace)


async def test_a_workspace_that_is_gone_is_not_found(world: World) -> None:
    owner, workspace = await world.owner()
    del world.store.workspaces.rows[workspace.id]
    with pytest.raises(NotFound):
        await read(world, owner, workspace)
