"""Who sees which memory, for any memories and any readers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.memories import MemoryMemoryViews
from application.memories.read_memories import ListMemories, ReadMemory
from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.errors import NotFound
from domain.ids import MemoryId, UserId, WorkspaceId, new_id
from domain.memories import RESTORABLE, Memory, MemoryRetention
from tests.application.world import World

PEOPLE, PLACES = 3, 2
DAY = timedelta(days=1)
Drawn = tuple[int, int, bool, timedelta | None, bool]
"""Where, whose, whether shared, deleted for how long, and whether superseded."""
_memories = st.lists(
    st.tuples(
        st.integers(0, PLACES - 1),
        st.integers(0, PEOPLE - 1),
        st.booleans(),
        st.sampled_from([None, timedelta(0), RESTORABLE - DAY, RESTORABLE]),
        st.booleans(),
    ),
    max_size=12,
)
_grants = st.lists(st.dictionaries(st.integers(0, PLACES - 1), st.sampled_from(Role)), min_size=PEOPLE, max_size=PEOPLE)


@given(_memories, _grants)
async def test_nobody_sees_more_than_their_own_and_what_is_shared_where_they_belong(
    memories: list[Drawn], grants: list[dict[int, Role]]
) -> None:
    world = World()
    now = world.clock.now()
    places = [WorkspaceId(new_id(now)) for _ in range(PLACES)]
    people = [_someone({places[place]: role for place, role in held.items()}, now) for held in grants]
    stored = [_memory(drawn, number, places, people, now) for number, drawn in enumerate(memories)]
    world.store.memories.rows.update({memory.id: memory for memory in stored})
    views = MemoryMemoryViews(world.store)
    for reader in people:
        visible = {memory.id for memory in stored if _may_see(reader, memory, now)}
        for memory in stored:
            assert await _reads(ReadMemory(views, world.clock), reader, memory.id) == (memory.id in visible)
        pages = [await _listed(ListMemories(views, world.clock), reader, place) for place in places]
        assert set().union(*pages) == visible


def _someone(roles: Mapping[WorkspaceId, Role], at: datetime) -> Caller:
    grants = {place: Grant.of(role) for place, role in roles.items()}
    return Caller(actor=Actor(ActorType.USER, UserId(new_id(at)), "Ada"), grants=grants)


def _memory(
    drawn: Drawn, number: int, places: Sequence[WorkspaceId], people: Sequence[Caller], now: datetime
) -> Memory:
    place, person, shared, deleted_for, superseded = drawn
    owner_id = UserId(people[person].actor.id)
    memory = Memory.added(places[place], owner_id, {"content": f"{number}"}, MemoryRetention(), now)
    return replace(
        memory,
        shared=shared,
        deleted_at=None if deleted_for is None else now - deleted_for,
        superseded_by=memory.id if superseded else None,
    )


def _may_see(reader: Caller, memory: Memory, now: datetime) -> bool:
    own = memory.owner_id == reader.actor.id
    if memory.workspace_id not in reader.grants:
        return False
    if memory.deleted_at is None:
        return own or memory.shared
    return own and now - memory.deleted_at < RESTORABLE


async def _reads(read_memory: ReadMemory, reader: Caller, memory_id: MemoryId) -> bool:
    try:
        return (await read_memory(reader, memory_id)).id == memory_id
    except NotFound:
        return False


async def _listed(list_memories: ListMemories, reader: Caller, place: WorkspaceId) -> set[MemoryId]:
    try:
        page = await list_memories(reader, place, {"superseded": True, "deleted": True}, None, 100)
    except NotFound:
        return set()
    return {memory.id for memory in page.items}
