"""Adding, changing and undoing memories, on adapters in memory."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.memory.collections import MemoryCollectionViews
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.memories import MemoryMemoryViews
from application.memories.add_memory import AddMemory
from application.memories.change_memory import EditMemory, RemoveMemory, UndoMemory
from application.memories.export_memories import ExportMemories
from application.memories.find_similar import FindSimilar
from application.memories.findable import source_of
from application.memories.import_memories import ImportMemories
from application.memories.link_similar import LinkSimilar, SimilarLinker
from application.memories.memory_files import (
    CollectionName,
    ExportedMemory,
    ImportedLine,
    ImportedMemories,
    LineFault,
)
from application.memories.read_memories import ReadMemory
from application.memories.remember import Remembered, remember, supersede
from application.memories.retention import EditMemoryRetention, ReadMemoryRetention
from application.ports.memories import MemoryView
from application.ports.workspaces import WorkspaceView
from domain.access import Caller, Grant, Permission, Role
from domain.errors import Forbidden, NotFound, Stale
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.jobs import Claim, JobCancelled
from domain.knowledge import Filters, SourceKind
from domain.memories import RESTORABLE, Change, CollectionKind, Memory, MemoryRetention, NothingToUndo, Tier
from domain.memories.collections import MOST_COLLECTIONS, MOST_MEMORIES
from tests.application.memories.keeping import claimed
from tests.application.world import LEASE, World


@dataclass(frozen=True, slots=True)
class Diary:
    """The use cases of memories, for the owner of a workspace."""

    world: World
    owner: Caller
    workspace: WorkspaceView

    @property
    def views(self) -> MemoryMemoryViews:
        return MemoryMemoryViews(self.world.store)

    async def add(self, content: str, **fields: Any) -> MemoryView:
        memory, new = await self.try_add(content, **fields)
        assert new
        return memory

    async def try_add(self, content: str, **fields: Any) -> tuple[MemoryView, bool]:
        self.world.clock.advance(timedelta(milliseconds=2))
        add = AddMemory(self.world.begin, self.views, FindSimilar(self.world.search, self.views), self.world.clock)
        given: Any = {"content": content, **fields}
        return await add(self.owner, self.workspace.id, given)

    async def edit(self, memory: MemoryView, expected: int | None = None, **changes: Any) -> MemoryView:
        given: Any = changes
        return await EditMemory(self.world.begin, self.world.clock)(self.owner, memory.id, given, expected)

    async def remove(self, memory: MemoryView, *, for_good: bool = False) -> None:
        await RemoveMemory(self.world.begin, self.world.clock)(self.owner, memory.id, for_good=for_good)

    async def undo(self, memory: MemoryView) -> MemoryView:
        return await UndoMemory(self.world.begin, self.world.clock)(self.owner, memory.id)

    async def read(self, memory: MemoryView, caller: Caller | None = None) -> MemoryView:
        return await ReadMemory(self.views, self.world.clock)(caller or self.owner, memory.id)

    async def bring(self, *lines: ImportedLine | LineFault) -> tuple[int, int, int]:
        done = await self.take(*lines)
        return done.imported, done.skipped, done.failed

    async def take(self, *lines: ImportedLine | LineFault) -> ImportedMemories:
        return await ImportMemories(self.world.begin, self.world.clock)(self.owner, self.workspace.id, lines)

    async def export(self) -> list[ExportedMemory]:
        export = ExportMemories(self.views, MemoryCollectionViews(self.world.store), self.world.clock)
        return [each async for piece in await export(self.owner, self.workspace.id) for each in piece]

    async def link(self) -> None:
        """The jobs that link memories are done."""
        linker = SimilarLinker(
            self.world.begin, self.views, FindSimilar(self.world.search, self.views), self.world.clock
        )
        while claims := await self.world.queue.claim([LinkSimilar.type], 10, LEASE):
            for claim in claims:
                await linker(linking(claim), claim, MemoryJobProgress())
                await self.world.queue.finish(claim)

    async def found(self, query: str) -> list[str]:
        """The texts of the memories that the owner finds by words."""
        only = Filters(
            workspace_id=self.workspace.id,
            reader_id=UserId(self.owner.actor.id),
            kinds=frozenset({SourceKind.MEMORY}),
            at=self.world.clock.now(),
        )
        ranked = await self.world.search.lexical(query, self.workspace.language, only, 10)
        found = {
            each.passage.id: each.passage.text for each in await self.world.search.found([e.passage_id for e in ranked])
        }
        return [found[each.passage_id] for each in ranked]

    def happened(self) -> list[str]:
        """The types of the events of memories."""
        return [event.type for event in self.world.events(self.workspace.id) if event.type.startswith("memory.")]

    def stored(self, memory: MemoryView) -> Memory:
        return self.world.store.memories.rows[memory.id]


def linking(claim: Claim) -> LinkSimilar:
    """What a claimed job is to do."""
    given = {name: str(value) for name, value in claim.payload.items()}
    return LinkSimilar(
        workspace_id=WorkspaceId(UUID(given["workspace_id"])),
        owner_id=UserId(UUID(given["owner_id"])),
        memory_ids=given["memory_ids"],
    )


@pytest.fixture
async def diary(world: World) -> Diary:
    return Diary(world, *await world.owner())


async def test_what_is_remembered_is_found_at_once_and_embedded_later(diary: Diary) -> None:
    memory = await diary.add("Prefers window seats.")
    assert await diary.found("window") == ["Prefers window seats."]
    assert diary.happened() == ["memory.added"]
    assert [job.type for job in diary.world.store.jobs.rows.values()] == ["embed_passages", "rebuild_profile"]
    event = diary.world.events(diary.workspace.id)[-1]
    assert event.subject.id == memory.id
    assert "window" not in str(event.data)


async def test_of_those_who_say_the_same_at_once_one_is_remembered(diary: Diary) -> None:
    answers = await asyncio.gather(*(diary.try_add("Likes tea.") for _ in range(4)))
    assert sorted(new for _, new in answers) == [False, False, False, True]
    assert len({memory.id for memory, _ in answers}) == 1


async def test_the_same_words_take_the_place_of_one_whose_time_is_over(diary: Diary) -> None:
    old = await diary.add("Buy milk.", tier=Tier.TASK)
    diary.world.clock.advance(timedelta(days=29))
    assert await diary.try_add("Buy milk.") == (old, False)
    diary.world.clock.advance(timedelta(days=2))
    new = await diary.add("Buy milk.", tier=Tier.TASK)
    assert new.id != old.id
    assert diary.stored(old).change is Change.PRUNED
    assert diary.happened() == ["memory.added", "memory.pruned", "memory.added"]
    assert await diary.found("milk") == ["Buy milk."]


async def test_a_similar_memory_is_of_the_same_owner_and_the_most_alike(diary: Diary) -> None:
    far = await diary.add("My sister Anna lives in Lisbon with her two cats and a very old dog.")
    near = await diary.add("My sister Anna lives in Lisbon with her two cats.")
    newest = await diary.add("My sister Anna lives in Lisbon with her two cats now.")
    assert (far.similar_to, newest.similar_to) == (None, near.id)


async def test_an_edit_of_nothing_changes_nothing(diary: Diary) -> None:
    memory = await diary.add("Likes tea.")
    assert await diary.edit(memory) == memory
    assert await diary.edit(memory, content="Likes tea.") == memory
    assert diary.happened() == ["memory.added"]
    with pytest.raises(Stale):
        await diary.edit(memory, expected=2, pinned=True)


async def test_an_edit_names_its_fields_and_moves_what_is_found(diary: Diary) -> None:
    memory = await diary.add("Likes tea.")
    await diary.edit(memory, content="Likes cocoa.", pinned=True)
    assert await diary.found("tea") == []
    assert await diary.found("cocoa") == ["Likes cocoa."]
    assert diary.world.events(diary.workspace.id)[-1].data["fields"] == ["content", "pinned"]
    shared = await diary.edit(memory, shared=True)
    row = diary.world.store.sources.rows[source_of(memory.id)]
    assert (row.standing.reader_id, row.standing.owner_id) == (None, shared.owner_id)
    assert diary.world.events(diary.workspace.id)[-1].data.get("told_to") is None


async def test_a_change_that_is_undone_is_found_as_before(diary: Diary) -> None:
    memory = await diary.add("Likes tea.")
    await diary.remove(memory)
    await diary.remove(memory)
    assert await diary.found("tea") == []
    restored = await diary.undo(memory)
    assert (restored.deleted_at, restored.version) == (None, 3)
    assert await diary.found("tea") == ["Likes tea."]
    with pytest.raises(NothingToUndo):
        await diary.undo(memory)
    assert diary.happened() == ["memory.added", "memory.removed", "memory.undone"]


async def test_what_is_deleted_is_there_for_its_owner_for_thirty_days(diary: Diary) -> None:
    memory = await diary.add("Likes tea.", shared=True)
    viewer = diary.world.viewer(diary.workspace)
    assert await diary.read(memory, viewer) == memory
    await diary.remove(memory)
    with pytest.raises(NotFound):
        await diary.read(memory, viewer)
    diary.world.clock.advance(RESTORABLE - timedelta(seconds=1))
    assert (await diary.read(memory)).deleted_at is not None
    diary.world.clock.advance(timedelta(seconds=1))
    with pytest.raises(NotFound):
        await diary.read(memory)
    with pytest.raises(NotFound):
        await diary.undo(memory)


async def test_for_good_leaves_nothing_also_of_what_was_deleted_before(diary: Diary) -> None:
    memory = await diary.add("Likes tea.")
    await diary.remove(memory)
    await diary.remove(memory, for_good=True)
    store = diary.world.store
    assert (store.memories.rows, store.memory_versions.rows, store.sources.rows) == ({}, {}, {})
    assert diary.world.events(diary.workspace.id)[-1].data["for_good"] is True
    with pytest.raises(NotFound):
        await diary.remove(memory, for_good=True)


async def test_what_the_clock_took_stays_once_it_is_restored(diary: Diary) -> None:
    memory = await diary.add("Buy milk.", tier=Tier.TASK)
    diary.world.clock.advance(timedelta(days=29))
    await diary.remove(memory)
    diary.world.clock.advance(timedelta(days=2))
    restored = await diary.undo(memory)
    assert (restored.pinned, restored.expires_at) == (True, None)


async def test_an_undo_goes_by_the_retention_of_now(diary: Diary) -> None:
    memory = await diary.add("Buy milk.", tier=Tier.TASK)
    await diary.remove(memory)
    choose = EditMemoryRetention(diary.world.begin, diary.world.clock)
    await choose(diary.owner, diary.workspace.id, {"task_days": 7})
    assert (await diary.undo(memory)).expires_at == memory.created_at + timedelta(days=7)


async def test_a_superseded_memory_is_kept_linked_and_not_found(diary: Diary) -> None:
    old = await diary.add("Lives in Prague.")
    world, at = diary.world, diary.world.clock.now()
    async with world.begin() as work:
        policy = await work.memory_policies.get(diary.workspace.id)
        new = Memory.added(diary.workspace.id, old.owner_id, {"content": "Lives in Brno."}, policy.retention, at)
        remembered = await remember(work, new, policy.language, at, by=diary.owner.actor)
        saved = await supersede(work, await work.memories.get(old.id), new.id, at, by=diary.owner.actor)
        await work.commit(None)
    assert remembered == Remembered(new, new=True)
    assert (saved.superseded_by, saved.version) == (new.id, 2)
    assert await diary.found("lives in Prague") == ["Lives in Brno."]
    assert diary.happened() == ["memory.added", "memory.added", "memory.superseded"]
    assert world.events(diary.workspace.id)[-1].data["superseded_by"] == str(new.id)
    restored = await diary.undo(old)
    assert restored.superseded_by is None
    assert sorted(await diary.found("lives")) == ["Lives in Brno.", "Lives in Prague."]


async def test_who_deletes_a_memory_has_it_only_once_nobody_changes_the_retention(diary: Diary) -> None:
    memory = await diary.add("Likes tea.")
    async with diary.world.begin() as work:
        await work.memory_policies.lock(diary.workspace.id)
        removing = asyncio.create_task(diary.remove(memory))
        done, _ = await asyncio.wait([removing], timeout=0.1)
        assert not done
        await work.memories.lock(memory.id)  # as who dates it anew does
    await removing


async def test_nobody_touches_anothers_memory(diary: Diary) -> None:
    world = diary.world
    private, shared = await diary.add("Private."), await diary.add("Shared.", shared=True)
    admin = Caller(actor=world.stranger().actor, grants={diary.workspace.id: Grant.of(Role.OWNER)})
    edit, remove = EditMemory(world.begin, world.clock), RemoveMemory(world.begin, world.clock)
    undo = UndoMemory(world.begin, world.clock)
    for memory, error in ((private, NotFound), (shared, Forbidden)):
        with pytest.raises(error):
            await edit(admin, memory.id, {"pinned": True})
        with pytest.raises(error):
            await remove(admin, memory.id, for_good=True)
        with pytest.raises(error):
            await undo(admin, memory.id)
    with pytest.raises(NotFound):
        await diary.read(private, admin)
    assert await diary.read(shared, admin) == shared
    with pytest.raises(NotFound):
        await diary.read(shared, world.stranger())
    with pytest.raises(NotFound):
        await edit(admin, MemoryId(private.workspace_id), {})


async def test_a_key_needs_the_permission(diary: Diary) -> None:
    memory = await diary.add("Likes tea.")
    grant = Grant.of(Role.OWNER, frozenset({Permission.MEMORY_READ}))
    key = Caller(actor=diary.owner.actor, grants={diary.workspace.id: grant})
    assert await diary.read(memory, key) == memory
    with pytest.raises(Forbidden, match="memory:write"):
        await EditMemory(diary.world.begin, diary.world.clock)(key, memory.id, {"pinned": True})


async def test_a_retention_is_chosen_by_those_who_run_the_workspace(diary: Diary) -> None:
    world, choose = diary.world, EditMemoryRetention(diary.world.begin, diary.world.clock)
    task = await diary.add("Buy milk.", tier=Tier.TASK)
    first = await ReadMemoryRetention(diary.views)(diary.owner, diary.workspace.id)
    assert (first.task_days, first.version) == (MemoryRetention().task_days, 1)
    assert await choose(diary.owner, diary.workspace.id, {"task_days": 30}) == first
    chosen = await choose(diary.owner, diary.workspace.id, {"task_days": 5}, 1)
    assert (chosen.task_days, chosen.version) == (5, 2)
    assert (await diary.read(task)).expires_at == task.created_at + timedelta(days=5)
    row = world.store.sources.rows[source_of(task.id)]
    assert row.standing.expires_at == task.created_at + timedelta(days=5)
    assert world.events(diary.workspace.id)[-1].data == {"project_days": None, "task_days": 5}
    with pytest.raises(Stale):
        await choose(diary.owner, diary.workspace.id, {"task_days": 6}, 1)
    member = Caller(actor=world.stranger().actor, grants={diary.workspace.id: Grant.of(Role.MEMBER)})
    with pytest.raises(Forbidden):
        await choose(member, diary.workspace.id, {"task_days": 6})


async def test_a_file_is_taken_once_and_told_once(diary: Diary) -> None:
    await diary.add("Likes tea.")
    old = await diary.add("Buy milk.", tier=Tier.TASK)
    diary.world.clock.advance(timedelta(days=31))
    lines: list[ImportedLine | LineFault] = [
        *(ImportedLine(number=number, fields={"content": f"Fact {number}."}) for number in range(1, 601)),
        ImportedLine(number=601, fields={"content": "likes TEA"}),
        ImportedLine(number=602, fields={"content": "Fact 1"}),
        ImportedLine(number=603, fields={"content": "Buy milk."}),
        ImportedLine(number=604, fields={"content": ""}),
        LineFault(line=605, pointer="", code="bad_json", detail="No."),
    ]
    assert await diary.bring(*lines) == (601, 2, 2)
    assert diary.stored(old).change is Change.PRUNED
    assert diary.happened()[2:] == ["memory.pruned", "memory.imported"]
    assert (await diary.found("fact 17"))[0] == "Fact 17."
    jobs = [job.type for job in diary.world.store.jobs.rows.values()]
    assert sorted(jobs) == ["embed_passages", *["link_similar"] * 3, "rebuild_profile"]
    assert await diary.bring(*lines[:600]) == (0, 600, 0)
    assert len(diary.happened()) == 4


async def test_many_bad_lines_are_counted_and_the_first_of_them_told(diary: Diary) -> None:
    lines = [ImportedLine(number=number, fields={"content": ""}) for number in range(1, 151)]
    done = await diary.take(*lines)
    assert (done.failed, len(done.errors), done.errors[-1].line) == (150, 100, 100)
    assert diary.happened() == []


async def test_an_export_holds_what_is_kept_in_order(diary: Diary) -> None:
    contents = [f"Fact {number}." for number in range(105)]
    for content in contents:
        await diary.add(content)
    await diary.remove(await diary.add("Gone."))
    await diary.add("Over.", tier=Tier.TASK)
    diary.world.clock.advance(timedelta(days=31))
    assert [each.memory.content for each in await diary.export()] == contents


async def test_what_supersedes_what_and_collections_go_along_in_a_file(diary: Diary) -> None:
    old, new = uuid4(), uuid4()
    drinks, mine = CollectionName(CollectionKind.PREFERENCES, "Drinks"), CollectionName(CollectionKind.FREE, "Mine")
    lines = [
        ImportedLine(number=1, id=old, superseded_by=new, fields={"content": "I prefer tea."}, collections=[drinks]),
        ImportedLine(number=2, id=new, fields={"content": "I prefer coffee."}, collections=[mine, drinks]),
        ImportedLine(number=3, superseded_by=uuid4(), fields={"content": "I prefer milk."}),
    ]
    assert await diary.bring(*lines) == (3, 0, 0)
    by = {each.memory.content: each for each in await diary.export()}
    tea, coffee, milk = by["I prefer tea."], by["I prefer coffee."], by["I prefer milk."]
    assert tea.memory.superseded_by == coffee.memory.id
    assert coffee.memory.superseded_by is None
    assert milk.memory.superseded_by == lines[2].superseded_by
    assert list(tea.collections) == [replace(drinks, position=0)]
    assert set(coffee.collections) == {replace(drinks, position=1), replace(mine, position=0)}
    assert await diary.found("prefer") == ["I prefer coffee."]
    assert await diary.bring(*lines) == (0, 3, 0)
    assert len(await diary.export()) == 3


async def test_a_line_is_linked_with_what_was_there_and_put_into_the_collections_that_there_are(diary: Diary) -> None:
    coffee, other = await diary.add("I prefer coffee."), uuid4()
    await diary.bring(
        ImportedLine(number=1, fields={"content": "Likes jam."}, collections=[CollectionName(CollectionKind.FREE, "A")])
    )
    lines = [
        ImportedLine(number=1, id=other, fields={"content": "i prefer  COFFEE"}),
        ImportedLine(number=2, superseded_by=other, fields={"content": "I prefer tea."}),
        ImportedLine(
            number=3, fields={"content": "Likes rum."}, collections=[CollectionName(CollectionKind.GOAL, "A")]
        ),
    ]
    assert await diary.bring(*lines) == (2, 1, 0)
    by = {each.memory.content: each for each in await diary.export()}
    assert by["I prefer tea."].memory.superseded_by == coffee.id
    (collection,) = diary.world.store.collections.rows.values()
    assert (collection.kind, collection.name) == (CollectionKind.FREE, "A")
    for content, position in (("Likes jam.", 0), ("Likes rum.", 1)):
        assert list(by[content].collections) == [CollectionName(CollectionKind.FREE, "A", position)]


async def test_a_collection_has_its_order_again_after_an_export_and_an_import(diary: Diary) -> None:
    def line(number: int, content: str, position: int | None) -> ImportedLine:
        named = CollectionName(CollectionKind.FREE, " Steps ", position)
        return ImportedLine(number=number, fields={"content": content}, collections=[named])

    await diary.bring(line(1, "Last.", None), line(2, "Second.", 7), line(3, "First.", 2), line(4, "Very last.", None))
    places = {each.memory.content: each.collections[0].position for each in await diary.export()}
    assert places == {"First.": 0, "Second.": 1, "Last.": 2, "Very last.": 3}


async def test_what_has_no_room_in_a_collection_is_taken_and_named(diary: Diary) -> None:
    lines = [
        ImportedLine(
            number=number,
            fields={"content": f"Fact {number}."},
            collections=[CollectionName(CollectionKind.FREE, "All"), CollectionName(CollectionKind.FREE, f"{number}")],
        )
        for number in range(1, MOST_MEMORIES + 3)
    ]
    done = await diary.take(*lines)
    assert (done.imported, done.failed) == (MOST_MEMORIES + 2, 0)
    codes = Counter(error.code for error in done.errors)
    assert codes == {"collection_full": 1, "too_many": 99}
    assert {error.pointer for error in done.errors} == {"/collections"}
    assert len(diary.world.store.collections.rows) == MOST_COLLECTIONS


@pytest.mark.parametrize(
    ("collections", "pointer", "code"),
    [
        (
            [CollectionName(CollectionKind.FREE, "A"), CollectionName(CollectionKind.FREE, " ")],
            "/collections/1/name",
            "too_short",
        ),
        ([CollectionName(CollectionKind.FREE, f"{number}") for number in range(21)], "/collections", "too_many"),
    ],
    ids=["no name", "too many"],
)
async def test_a_line_that_names_collections_wrongly_is_not_taken(
    diary: Diary, collections: list[CollectionName], pointer: str, code: str
) -> None:
    done = await diary.take(ImportedLine(number=7, fields={"content": "Likes tea."}, collections=collections))
    assert (done.imported, done.failed) == (0, 1)
    assert [(error.line, error.pointer, error.code) for error in done.errors] == [(7, pointer, code)]


async def test_what_comes_from_a_file_is_linked_afterwards(diary: Diary) -> None:
    near = await diary.add("My sister Anna lives in Lisbon with her two cats.")
    lines = [
        ImportedLine(number=1, fields={"content": "My sister Anna lives in Lisbon with her two cats now."}),
        ImportedLine(number=2, fields={"content": "The gate code of the old office is written on the door."}),
        ImportedLine(number=3, fields={"content": "The gate code of the old office is written on the doors."}),
    ]
    diary.world.clock.advance(timedelta(milliseconds=2))
    await diary.bring(*lines)
    await diary.link()
    by = {each.memory.content: each.memory for each in await diary.export()}
    assert by["My sister Anna lives in Lisbon with her two cats now."].similar_to == near.id
    first, second = sorted((each for each in by.values() if "gate" in each.content), key=lambda each: each.id)
    assert (first.similar_to, second.similar_to) == (None, first.id)
    assert {each.version for each in by.values()} == {1}


async def test_an_edit_links_anew(diary: Diary) -> None:
    near = await diary.add("My sister Anna lives in Lisbon with her two cats.")
    other = await diary.add("The gate code of the old office is written on the door.")
    memory = await diary.add("My sister Anna lives in Lisbon with her two cats now.")
    assert memory.similar_to == near.id
    assert (await diary.edit(memory, pinned=True)).similar_to == near.id
    edited = await diary.edit(memory, content="The gate code of the old office is written on the doors.")
    assert edited.similar_to is None
    await diary.link()
    assert diary.stored(memory).similar_to == other.id
    await diary.edit(memory, content="Likes tea.")
    await diary.link()
    assert diary.stored(memory).similar_to is None


async def test_a_link_is_made_once_and_not_for_what_is_gone_or_another_s(diary: Diary) -> None:
    near = await diary.add("My sister Anna lives in Lisbon with her two cats.")
    memory = await diary.add("My sister Anna lives in Lisbon with her two cats now.")
    gone = await diary.add("My sister Anna lives in Lisbon with her two cats, too.")
    await diary.remove(gone)
    job = LinkSimilar(
        workspace_id=diary.workspace.id,
        owner_id=UserId(UUID(int=5)),
        memory_ids=f"{memory.id},{gone.id},{UUID(int=3)}",
    )
    nobody = LinkSimilar(workspace_id=WorkspaceId(UUID(int=4)), owner_id=UserId(UUID(int=5)), memory_ids=str(near.id))
    before = dict(diary.world.store.memories.rows)
    for spec in (job, nobody):
        claim = await claimed(diary.world, spec)
        linker = SimilarLinker(
            diary.world.begin, diary.views, FindSimilar(diary.world.search, diary.views), diary.world.clock
        )
        await linker(spec, claim, MemoryJobProgress())
        await diary.world.queue.finish(claim)
    assert diary.world.store.memories.rows == before


async def test_linking_can_be_cancelled(diary: Diary) -> None:
    await diary.bring(ImportedLine(number=1, fields={"content": "Likes tea."}))
    (claim,) = await diary.world.queue.claim([LinkSimilar.type], 1, LEASE)
    progress = MemoryJobProgress()
    progress.cancel()
    linker = SimilarLinker(
        diary.world.begin, diary.views, FindSimilar(diary.world.search, diary.views), diary.world.clock
    )
    with pytest.raises(JobCancelled):
        await linker(linking(claim), claim, progress)


async def test_what_comes_from_the_future_or_is_over_is_not_taken(diary: Diary) -> None:
    now = diary.world.clock.now()
    done = await diary.take(
        ImportedLine(number=1, fields={"content": "Later."}, created_at=now + timedelta(seconds=1)),
        ImportedLine(number=2, fields={"content": "Over.", "tier": Tier.TASK}, created_at=now - timedelta(days=30)),
        ImportedLine(number=3, fields={"content": "Now."}, created_at=now),
    )
    assert (done.imported, [error.code for error in done.errors]) == (1, ["in_the_future", "expired"])
