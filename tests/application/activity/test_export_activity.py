"""The activity as a file: whole, and nobody's business but their own."""

from uuid import UUID

from adapters.memory.audit import MemoryAuditViews
from application.activity.export_activity import ExportActivity
from application.ports.activity import ActivityView
from application.ports.audit import AuditFilter
from domain.access import Caller, Role
from domain.ids import WorkspaceId
from tests.application.conversations.companion import a_talk, begun, joined
from tests.application.memories.remembering import told
from tests.application.world import World

NOBODY = UUID(int=0)


async def exported(world: World, caller: Caller, workspace_id: WorkspaceId) -> list[ActivityView]:
    pieces = await ExportActivity(MemoryAuditViews(world.store))(caller, workspace_id, AuditFilter())
    return [each.event async for piece in pieces for each in piece]


async def test_of_what_another_is_told_alone_an_owner_is_given_the_type_and_the_time(world: World) -> None:
    host = await a_talk(world)
    member = joined(world, host.workspace_id, Role.MEMBER)
    await told(await begun(world, member, host.workspace_id), "I live in Brno.")

    stored = world.events(host.workspace_id)
    theirs = [event for event in stored if not event.is_for(host.caller.actor.id)]
    assert {"message.posted", "memory.added"} <= {event.type for event in theirs}
    found = await exported(world, host.caller, host.workspace_id)
    assert [(event.id, event.type, event.at) for event in found] == [(each.id, each.type, each.at) for each in stored]
    hidden = [event for event in found if event.id in {each.id for each in theirs}]
    assert {(event.actor.id, event.subject.id, event.causation_id) for event in hidden} == {(NOBODY, NOBODY, None)}
    assert [event.data for event in hidden] == [{} for _ in theirs]
    assert str(member.actor.id) not in str(found)


async def test_what_everybody_is_told_and_what_is_told_to_who_exports_is_given_as_it_is(world: World) -> None:
    talk = await a_talk(world)
    await told(talk, "I live in Brno.")

    assert await exported(world, talk.caller, talk.workspace_id) == world.events(talk.workspace_id)
