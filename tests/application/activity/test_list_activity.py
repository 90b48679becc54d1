import pytest

from application.activity.list_activity import ListActivity
from application.ports.activity import CAUSE, ActivityFilter
from domain.errors import NotFound
from tests.application.world import World


async def test_events_are_listed_newest_first_over_pages(world: World) -> None:
    owner, workspace = await world.owner()
    for name in ("One", "Two"):
        await world.edit(owner, workspace, {"name": name})
    list_activity, viewer = ListActivity(world.activity), world.viewer(workspace)
    first = await list_activity(viewer, workspace.id, ActivityFilter(), None, 2)
    rest = await list_activity(viewer, workspace.id, ActivityFilter(), first.next_cursor, 2)

    assert [(event.id, event.type) for event in (*first.items, *rest.items)] == [
        (3, "workspace.edited"),
        (2, "workspace.edited"),
        (1, "workspace.created"),
    ]
    assert rest.next_cursor is None


async def test_events_are_chosen_by_noun_type_and_number(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"name": "One"})
    list_activity = ListActivity(world.activity)

    async def listed(only: ActivityFilter) -> list[int]:
        return [event.id for event in (await list_activity(owner, workspace.id, only, None, 10)).items]

    assert await listed(ActivityFilter(type="workspace")) == [2, 1]
    assert await listed(ActivityFilter(type="workspace.created")) == [1]
    assert await listed(ActivityFilter(since=1)) == [2]
    assert await listed(ActivityFilter(actor=world.stranger().actor.id)) == []


async def test_an_event_names_the_request_or_the_job_that_caused_it(world: World) -> None:
    token = CAUSE.set("request-1")
    try:
        visit, claim = await world.asked()
    finally:
        CAUSE.reset(token)
    await world.crash_after(claim, "Half")
    (events,) = (events for events in world.store.activity.values() if events)

    assert {event.causation_id for event in events if event.type == "message.posted"} == {"request-1"}
    assert {event.causation_id for event in events if event.type == "run.started"} == {str(claim.job_id)}
    assert visit.conversation_id in {event.subject.id for event in events}


async def test_activity_of_others_is_not_found(world: World) -> None:
    _, workspace = await world.owner()

    with pytest.raises(NotFound):
        await ListActivity(world.activity)(world.stranger(), workspace.id, ActivityFilter(), None, 10)
