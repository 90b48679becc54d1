from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.usage import MemoryUsageViews
from application.ports.language_model import Finished, StopReason, TextDelta
from application.ports.usage import UsageGroup
from application.ports.workspaces import WorkspaceView
from application.usage.read_usage import DEFAULT_DAYS, MOST_DAYS, ReadUsage
from domain.access import Caller, Grant, Role
from domain.errors import Invalid, NotFound
from domain.ids import WorkspaceId
from tests.application.world import World, job_of

TODAY = date(2027, 2, 1)  # in Auckland, where it is a day later than in UTC
NOW = datetime(2027, 1, 31, 22, tzinfo=UTC)


@pytest.fixture
async def business(world: World) -> tuple[Caller, WorkspaceView]:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"timezone": "Pacific/Auckland"})
    world.clock.advance(NOW - world.clock.now())
    return owner, workspace


def reading(world: World) -> ReadUsage:
    return ReadUsage(MemoryUsageViews(world.store), world.clock)


async def answered(world: World, workspace: WorkspaceView) -> None:
    """A visitor has asked, and the answer took 10 tokens."""
    await world.say(await world.visit(workspace.handle))
    claim = await world.claim()
    model = ScriptedLanguageModel(
        [TextDelta("Hello."), Finished(reason=StopReason.END, input_tokens=7, output_tokens=3)]
    )
    await world.generator(model)(job_of(claim), claim, MemoryJobProgress())


async def test_members_see_the_last_days_up_to_today_at_the_business(
    world: World, business: tuple[Caller, WorkspaceView]
) -> None:
    owner, workspace = business
    await answered(world, workspace)
    usage = await reading(world)(owner, workspace.id, None, None, UsageGroup.DAY)

    assert (usage.last_day, usage.first_day) == (TODAY, TODAY - timedelta(days=DEFAULT_DAYS - 1))
    assert (usage.timezone, usage.group) == ("Pacific/Auckland", UsageGroup.DAY)
    assert [(row.key, row.usage.tokens) for row in usage.rows] == [("2027-02-01", 10)]
    assert usage.total.calls == 1


async def test_a_range_ends_where_it_is_asked_to(world: World, business: tuple[Caller, WorkspaceView]) -> None:
    owner, workspace = business
    await answered(world, workspace)
    day = TODAY - timedelta(days=1)
    usage = await reading(world)(owner, workspace.id, day, day, UsageGroup.MODEL)

    assert (usage.first_day, usage.last_day, usage.rows, usage.total.calls) == (day, day, [], 0)


async def test_the_first_day_there_is_can_be_asked_for(world: World, business: tuple[Caller, WorkspaceView]) -> None:
    owner, workspace = business
    usage = await reading(world)(owner, workspace.id, None, date.min, UsageGroup.DAY)

    assert usage.first_day == date.min


@pytest.mark.parametrize(
    ("first", "last", "pointer"),
    [(TODAY, TODAY - timedelta(days=1), "/query/to"), (TODAY - timedelta(days=MOST_DAYS), TODAY, "/query/from")],
)
async def test_a_range_is_a_year_at_most_and_not_backwards(
    world: World, business: tuple[Caller, WorkspaceView], first: date, last: date, pointer: str
) -> None:
    owner, workspace = business
    with pytest.raises(Invalid) as raised:
        await reading(world)(owner, workspace.id, first, last, UsageGroup.DAY)

    assert [fault.pointer for fault in raised.value.faults] == [pointer]


async def test_viewers_may_look_and_strangers_may_not(world: World, business: tuple[Caller, WorkspaceView]) -> None:
    _, workspace = business
    seen = await reading(world)(world.viewer(workspace), workspace.id, None, None, UsageGroup.DAY)
    assert seen.total.calls == 0
    with pytest.raises(NotFound):
        await reading(world)(world.stranger(), workspace.id, None, None, UsageGroup.DAY)


async def test_a_workspace_that_is_gone_has_no_usage(world: World) -> None:
    gone = WorkspaceId(uuid4())
    caller = Caller(actor=world.stranger().actor, grants={gone: Grant.of(Role.OWNER)})
    with pytest.raises(NotFound):
        await reading(world)(caller, gone, None, None, UsageGroup.DAY)
