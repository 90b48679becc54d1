from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.memory.memories import MemoryMemoryViews
from application.knowledge.note_recalled import NoteRecalled
from application.knowledge.search import MOST_HITS, MOST_NAMED, Search, SearchCommand, SearchResult
from application.ports.passage_search import Coverage
from application.ports.workspaces import WorkspaceView
from domain.access import Caller, Grant, Permission, Role
from domain.actors import ASSISTANT, Actor, ActorType
from domain.errors import Forbidden, Invalid, NotFound
from domain.ids import CollectionId, MemoryId, UserId, WorkspaceId, new_id
from domain.knowledge import Scope, Source, SourceKind, Standing
from domain.memories import Memory, MemoryAdded, MemoryRetention, Tier
from tests.application.knowledge.shelf import put
from tests.application.world import World

AT = datetime(2026, 1, 1, tzinfo=UTC)


class House:
    """A workspace with a document, memories of two members, and what one of them said."""

    def __init__(self, world: World, owner: Caller, workspace: WorkspaceView) -> None:
        self.world = world
        self.owner = owner
        self.workspace = workspace
        self.search = Search(world.retrieve, MemoryMemoryViews(world.store), world.clock)
        grant = Grant.of(Role.MEMBER)
        actor = Actor(ActorType.USER, UserId(new_id(AT)), "Bob")
        self.bob = Caller(actor=actor, grants={workspace.id: grant})

    async def put(
        self,
        text: str,
        kind: SourceKind,
        owner: Caller | None = None,
        *,
        shared: bool = False,
        tier: Tier | None = None,
    ) -> Source:
        source = Source(kind, new_id(AT))
        owner_id = UserId(owner.actor.id) if owner else None
        standing = Standing(owner_id=owner_id, reader_id=None if shared else owner_id, at=AT, tier=tier)
        await put(self.world, self.workspace.id, source, text, standing)
        return source

    async def ask(self, caller: Caller, **more: Any) -> SearchResult:
        command: dict[str, Any] = {"workspace_id": self.workspace.id, "query": "kettle", **more}
        return await self.search(caller, SearchCommand(**command))

    async def texts(self, caller: Caller, **more: Any) -> set[str]:
        return {item.text for item in (await self.ask(caller, **more)).items}

    def narrowed(self, caller: Caller, *permissions: Permission) -> Caller:
        """The same caller by a key with these permissions."""
        grant = Grant.of(Role.MEMBER, frozenset(permissions))
        return replace(caller, grants={self.workspace.id: grant}, by_key=True)


@pytest.fixture
async def house(world: World) -> House:
    house = House(world, *await world.owner())
    await house.put("The kettle in the manual.", SourceKind.DOCUMENT)
    await house.put("Ada's own kettle.", SourceKind.MEMORY, house.owner, tier=Tier.PERSONAL)
    await house.put("Bob's own kettle.", SourceKind.MEMORY, house.bob, tier=Tier.TASK)
    await house.put("Bob's shared kettle.", SourceKind.MEMORY, house.bob, shared=True, tier=Tier.PROJECT)
    await house.put("Ada said kettle.", SourceKind.MESSAGE, house.owner)
    await house.put("A visitor's kettle.", SourceKind.VISITOR_MESSAGE)
    return house


async def test_one_finds_documents_ones_own_memories_and_those_that_others_share(house: House) -> None:
    everybodys = {"The kettle in the manual.", "Bob's shared kettle."}

    assert await house.texts(house.owner) == everybodys | {"Ada's own kettle."}
    assert await house.texts(house.bob) == everybodys | {"Bob's own kettle."}


async def test_messages_are_found_when_they_are_asked_for_and_by_who_may_read_them(house: House) -> None:
    kinds = frozenset({SourceKind.MESSAGE})

    assert await house.texts(house.owner, kinds=kinds) == {"Ada said kettle."}
    assert await house.texts(house.bob, kinds=kinds) == set()


async def test_visitors_messages_are_found_when_they_are_asked_for_and_by_who_may_read_conversations(
    house: House,
) -> None:
    kinds = frozenset({SourceKind.VISITOR_MESSAGE})
    may = house.narrowed(house.owner, Permission.DOCUMENT_READ, Permission.CONVERSATION_READ)
    may_not = house.narrowed(house.owner, Permission.DOCUMENT_READ, Permission.MEMORY_READ)

    assert await house.texts(house.bob, kinds=kinds) == {"A visitor's kettle."}
    assert await house.texts(may, kinds=kinds) == {"A visitor's kettle."}
    with pytest.raises(Forbidden):
        await house.ask(may_not, kinds=kinds)
    with pytest.raises(Forbidden):
        await house.ask(may, kinds=kinds | {SourceKind.MESSAGE})


async def test_a_hit_says_what_it_is_and_where_it_stands(house: House) -> None:
    source = await house.put("# Teapots\n\nA pot of tea.", SourceKind.DOCUMENT)
    result = await house.ask(house.owner, query="pot of tea")
    (item,) = result.items

    assert (item.kind, item.id, item.text) == (SourceKind.DOCUMENT, source.id, "A pot of tea.")
    assert (item.offsets.start, item.offsets.end) == (11, 24)
    assert (item.source.heading, item.source.at, item.source.owner_id) == ("Teapots", AT, None)
    assert 0 < item.score <= 1
    assert (item.parts.lexical, item.parts.semantic) == (1, 0)
    assert (result.semantic, result.embedder) == (Coverage.NONE, house.world.embedder.name)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"scopes": frozenset({Scope.OWN})}, {"Ada's own kettle."}),
        ({"scopes": frozenset({Scope.WORKSPACE})}, {"The kettle in the manual.", "Bob's shared kettle."}),
        ({"kinds": frozenset({SourceKind.DOCUMENT})}, {"The kettle in the manual."}),
        ({"tiers": frozenset({Tier.PROJECT})}, {"Bob's shared kettle."}),
        ({"tiers": frozenset({Tier.TASK})}, set[str]()),
        ({"since": AT, "until": AT + timedelta(seconds=1), "kinds": frozenset({SourceKind.DOCUMENT})},
         {"The kettle in the manual."}),
        ({"since": AT + timedelta(seconds=1)}, set[str]()),
        ({"until": AT}, set[str]()),
        ({"limit": 0 + 1, "kinds": frozenset({SourceKind.DOCUMENT})}, {"The kettle in the manual."}),
    ],
)  # fmt: skip
async def test_filters_narrow_what_is_found(house: House, filters: dict[str, Any], expected: set[str]) -> None:
    assert await house.texts(house.owner, **filters) == expected


async def test_an_owner_can_be_named_and_only_what_they_share_is_found(house: House) -> None:
    bob = UserId(house.bob.actor.id)

    assert await house.texts(house.owner, owner_id=bob) == {"Bob's shared kettle."}
    assert await house.texts(house.bob, owner_id=bob) == {"Bob's shared kettle.", "Bob's own kettle."}


async def test_without_permission_for_memories_only_documents_are_found(house: House) -> None:
    key = house.narrowed(house.owner, Permission.DOCUMENT_READ)

    assert await house.texts(key) == {"The kettle in the manual."}


@pytest.mark.parametrize(
    "asking",
    [
        {"kinds": frozenset({SourceKind.MEMORY})},
        {"kinds": frozenset({SourceKind.DOCUMENT, SourceKind.MESSAGE})},
        {"tiers": frozenset({Tier.TASK})},
        {"tags": frozenset({"tea"})},
        {"collections": frozenset({CollectionId(new_id(AT))})},
    ],
    ids=["memories", "messages", "tiers", "tags", "collections"],
)
async def test_to_ask_for_memories_without_the_permission_is_refused(house: House, asking: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        await house.ask(house.narrowed(house.owner, Permission.DOCUMENT_READ), **asking)


async def test_a_key_finds_its_users_own_memories(house: House) -> None:
    key = house.narrowed(house.bob, Permission.DOCUMENT_READ, Permission.MEMORY_READ)

    assert "Bob's own kettle." in await house.texts(key)


async def test_a_machine_is_nobody_whose_memories_there_are(house: House) -> None:
    machine = Caller(actor=ASSISTANT, grants={house.workspace.id: Grant.of(Role.MEMBER)})

    assert await house.texts(machine) == {"The kettle in the manual.", "Bob's shared kettle."}


async def test_who_may_read_no_documents_may_not_search(house: House) -> None:
    with pytest.raises(Forbidden):
        await house.ask(house.narrowed(house.owner, Permission.MEMORY_READ))
    with pytest.raises(NotFound):
        await house.ask(house.world.stranger())


async def test_a_workspace_that_is_gone_is_not_found(house: House) -> None:
    gone = WorkspaceId(new_id(AT))
    caller = replace(house.owner, grants={gone: Grant.of(Role.OWNER)})
    with pytest.raises(NotFound):
        await house.ask(caller, workspace_id=gone)


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"query": " "}, "/query"),
        ({"query": "x" * 1_001}, "/query"),
        ({"query": "\0"}, "/query"),
        ({"limit": 0}, "/limit"),
        ({"limit": MOST_HITS + 1}, "/limit"),
        ({"tags": frozenset(map(str, range(MOST_NAMED + 1)))}, "/tags"),
        ({"collections": frozenset(CollectionId(new_id(AT)) for _ in range(MOST_NAMED + 1))}, "/collections"),
        ({"since": AT.replace(tzinfo=None)}, "/since"),
        ({"until": AT.replace(tzinfo=None)}, "/until"),
        ({"since": AT, "until": AT}, "/until"),
    ],
    ids=["blank", "long", "NUL", "no limit", "limit", "tags", "collections", "since", "until", "span"],
)
async def test_what_cannot_be_taken_is_named(house: House, sent: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        await house.ask(house.owner, **sent)
    assert [fault.pointer for fault in raised.value.faults] == [pointer]


async def test_recalled_memories_are_counted_once_and_documents_never(house: House) -> None:
    now, owner_id = house.world.clock.now(), UserId(house.owner.actor.id)
    memory = Memory.added(house.workspace.id, owner_id, {"content": "A samovar."}, MemoryRetention(), now)
    async with house.world.begin() as work:
        await work.memories.add(memory, because=MemoryAdded.of(memory, by=house.owner.actor, at=now))
        await work.commit(None)
    await house.put("No samovar.", SourceKind.DOCUMENT)
    result = await house.ask(house.owner)
    note = NoteRecalled(house.world.begin, house.world.clock)
    await note(result.memory_ids)
    await note([memory.id, MemoryId(new_id(AT))])
    await note([])

    stored = house.world.store.memories.rows[memory.id]
    assert (stored.access_count, stored.last_accessed_at) == (1, house.world.clock.now())
    assert {item.id for item in result.items if item.kind is SourceKind.MEMORY} == set(result.memory_ids)
