"""What becomes of memories when their owner goes, or others want one gone."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from adapters.memory.memories import MemoryMemoryViews
from application.identity.delete_user import EndUser
from application.memories.add_memory import AddMemory
from application.memories.change_memory import EditMemory, RemoveMemory, UndoMemory
from application.memories.find_similar import FindSimilar
from application.memories.import_memories import ImportMemories
from application.memories.memory_files import ImportedLine
from application.memories.remember import remember
from application.ports.memories import MemoryView
from application.workspaces.members import LeaveWorkspace, RemoveMember
from domain.access import ACCOUNT, Caller, Grant, Permission, Role
from domain.errors import Forbidden, NotFound
from domain.ids import UserId
from domain.knowledge import SourceKind
from domain.memories import Memory, MemoryRetention
from tests.application.conversations.companion import Talk, a_talk, joined
from tests.application.memories.remembering import found
from tests.application.world import World


@pytest.fixture
async def host(world: World) -> Talk:
    """The owner of a workspace."""
    return await a_talk(world)


def a_member(host: Talk, role: Role = Role.MEMBER) -> Talk:
    """One who belongs to the host's workspace."""
    return replace(host, caller=replace(joined(host.world, host.workspace_id, role), own=ACCOUNT))


def id_of(talk: Talk) -> UserId:
    return UserId(talk.caller.actor.id)


async def shares(talk: Talk, content: str) -> MemoryView:
    memory = await talk.has_told(content)
    return await EditMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id, {"shared": True})


def stored(talk: Talk, memory: MemoryView) -> Memory:
    return talk.world.store.memories.rows[memory.id]


async def remove(talk: Talk, memory: MemoryView, *, for_good: bool = False) -> None:
    await RemoveMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id, for_good=for_good)


async def unshare(talk: Talk, memory: MemoryView) -> MemoryView:
    return await EditMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id, {"shared": False})


async def reached(talk: Talk) -> list[str]:
    """The memories that they find of those who live in Brno."""
    return await found(talk, "Brno", SourceKind.MEMORY, id_of(talk))


async def _leave(_host: Talk, member: Talk) -> None:
    await LeaveWorkspace(member.world.begin, member.world.clock)(member.caller, member.workspace_id)


async def _remove(host: Talk, member: Talk) -> None:
    remove_member = RemoveMember(host.world.begin, host.world.clock)
    await remove_member(host.caller, host.workspace_id, id_of(member))


@pytest.mark.parametrize("go", [_leave, _remove])
async def test_what_somebody_who_goes_has_shared_is_found_by_nobody_else(
    host: Talk, go: Callable[[Talk, Talk], Awaitable[None]]
) -> None:
    member, other = a_member(host), a_member(host)
    theirs = await shares(member, "Max lives in Brno.")
    await shares(other, "Eva lives in Brno.")
    assert len(await reached(host)) == 2

    await go(host, member)

    assert await reached(host) == ["Eva lives in Brno."]
    assert not stored(host, theirs).shared
    assert "Max lives in Brno." in await reached(member)


async def _add(talk: Talk) -> object:
    views = MemoryMemoryViews(talk.world.store)
    add = AddMemory(talk.world.begin, views, FindSimilar(talk.world.search, views), talk.world.clock)
    return await add(talk.caller, talk.workspace_id, {"content": "I live in Prague."})


async def _import(talk: Talk) -> object:
    bring = ImportMemories(talk.world.begin, talk.world.clock)
    line = ImportedLine(number=1, fields={"content": "I live in Prague."})
    return await bring(talk.caller, talk.workspace_id, [line])


async def _share(talk: Talk) -> object:
    memory = next(row for row in talk.world.store.memories.rows.values() if row.owner_id == talk.caller.actor.id)
    return await EditMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id, {"shared": True})


async def _undo(talk: Talk) -> object:
    memory = next(row for row in talk.world.store.memories.rows.values() if row.owner_id == talk.caller.actor.id)
    return await UndoMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id)


@pytest.mark.parametrize("act", [_add, _import, _share, _undo])
async def test_who_was_let_in_before_they_left_changes_nothing_after(
    host: Talk, act: Callable[[Talk], Awaitable[object]]
) -> None:
    member = a_member(host)
    await unshare(member, await shares(member, "I live in Brno."))
    await _leave(host, member)
    before = dict(host.world.store.memories.rows)

    with pytest.raises(NotFound):
        await act(member)
    assert host.world.store.memories.rows == before


@pytest.mark.parametrize("turns", range(6))
async def test_nothing_is_left_of_what_is_added_while_a_user_is_deleted(host: Talk, turns: int) -> None:
    member = a_member(host)
    await member.has_told("I live in Brno.")

    async def add() -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        with suppress(NotFound):
            await _add(member)

    await asyncio.gather(add(), EndUser(host.world.begin, host.world.clock)(id_of(member)))

    assert [row for row in host.world.store.memories.rows.values() if row.owner_id == member.caller.actor.id] == []
    standings = [row.standing for row in host.world.store.sources.rows.values()]
    assert [each for each in standings if member.caller.actor.id in {each.owner_id, each.reader_id}] == []


async def test_nothing_is_left_of_what_was_being_added_when_the_deletion_of_a_user_began(host: Talk) -> None:
    member, now = a_member(host), host.world.clock.now()
    memory = Memory.added(host.workspace_id, id_of(member), {"content": "I live in Brno."}, MemoryRetention(), now)
    async with asyncio.timeout(10):
        async with host.world.begin() as work:
            await work.memory_policies.get(host.workspace_id)
            await work.members.hold(host.workspace_id, id_of(member))
            await remember(work, memory, "en", now, by=member.caller.actor)
            ending = asyncio.create_task(EndUser(host.world.begin, host.world.clock)(id_of(member)))
            await asyncio.wait([ending], timeout=0.05)
            assert not ending.done()
            await work.commit(None)
        await ending

    assert host.world.store.memories.rows == {}
    assert host.world.store.sources.rows == {}


async def test_who_manages_members_unshares_what_another_shares(host: Talk) -> None:
    member, other = a_member(host), a_member(host)
    memory = await shares(member, "Max lives in Brno.")

    view = await unshare(host, memory)

    assert not view.shared
    assert await reached(other) == []
    assert await reached(member) == ["Max lives in Brno."]
    event = host.world.events(host.workspace_id)[-1]
    assert (event.type, event.actor.id, event.is_for(id_of(other))) == ("memory.edited", host.caller.actor.id, True)


async def test_who_manages_members_deletes_what_another_shares_which_its_owner_undoes(host: Talk) -> None:
    member = a_member(host)
    memory = await shares(member, "Max lives in Brno.")

    await remove(host, memory)

    assert await reached(member) == []
    await UndoMemory(host.world.begin, host.world.clock)(member.caller, memory.id)
    assert await reached(member) == ["Max lives in Brno."]


async def test_who_manages_members_does_nothing_else_with_what_another_shares(host: Talk) -> None:
    memory = await shares(a_member(host), "Max lives in Brno.")
    edit = EditMemory(host.world.begin, host.world.clock)

    with pytest.raises(Forbidden, match="owner"):
        await edit(host.caller, memory.id, {"shared": False, "content": "Max lives in Prague."})
    with pytest.raises(Forbidden, match="owner"):
        await edit(host.caller, memory.id, {"shared": True})
    with pytest.raises(Forbidden, match="owner"):
        await remove(host, memory, for_good=True)
    await unshare(host, memory)
    with pytest.raises(NotFound):
        await remove(host, memory)


async def test_other_members_neither_unshare_nor_delete_what_another_shares(host: Talk) -> None:
    memory = await shares(host, "Ada lives in Brno.")
    member, viewer = a_member(host), a_member(host, Role.VIEWER)

    for each in (member, viewer):
        with pytest.raises(Forbidden):
            await unshare(each, memory)
        with pytest.raises(Forbidden):
            await remove(each, memory)


@pytest.mark.parametrize("for_good", [False, True])
async def test_who_may_only_look_by_now_deletes_their_own(host: Talk, *, for_good: bool) -> None:
    member = a_member(host)
    memory = await member.has_told("I live in Brno.")
    viewer = replace(member, caller=_with(member, Grant.of(Role.VIEWER)))

    await remove(viewer, memory, for_good=for_good)

    assert await reached(member) == []


@pytest.mark.parametrize(
    "grant",
    [Grant.of(Role.OWNER, frozenset({Permission.MEMORY_READ})), Grant.of(Role.OWNER, suspended=True)],
    ids=["key", "suspended"],
)
async def test_what_may_only_read_deletes_nothing(host: Talk, grant: Grant) -> None:
    memory = await host.has_told("I live in Brno.")

    with pytest.raises(Forbidden):
        await remove(replace(host, caller=_with(host, grant)), memory)
    assert stored(host, memory).live


def _with(talk: Talk, grant: Grant) -> Caller:
    return replace(talk.caller, grants={talk.workspace_id: grant})
