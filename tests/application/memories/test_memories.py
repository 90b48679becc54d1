"""Adding, changing and undoing memories, on adapters in memory."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.memories import MemoryMemoryViews
from application.memories.add_memory import AddMemory, FindSimilar
from application.memories.change_memory import EditMemory, RemoveMemory, UndoMemory
from application.memories.export_memories import ExportMemories
from application.memories.findable import source_of
from application.memories.import_memories import ImportedLine, ImportMemories, LineFault
from application.memories.read_memories import ReadMemory
from application.memories.remember import Remembered, remember, supersede
from application.memories.retention import EditMemoryRetention, ReadMemoryRetention
from application.ports.memories import MemoryView
from application.ports.workspaces import WorkspaceView
from domain.access import Caller, Grant, Permission, Role
from domain.errors import Forbidden, NotFound, Stale
from domain.ids import MemoryId, UserId
from domain.knowledge import Filters, SourceKind
from domain.memories import RESTORABLE, Change, Memory, MemoryRetention, NothingToUndo, Tier
from tests.application.world import World


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
        done = await ImportMemories(self.world.begin, self.world.clock)(self.owner, self.workspace.id, lines)
        return done.imported, done.skipped, done.failed

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
    assert sorted(jobs) == ["embed_passages", "rebuild_profile"]
    assert await diary.bring(*lines[:600]) == (0, 600, 0)
    assert len(diary.happened()) == 4


async def test_many_bad_lines_are_counted_and_the_first_of_them_told(diary: Diary) -> None:
    lines = [ImportedLine(number=number, fields={"content": ""}) for number in range(1, 151)]
    done = await ImportMemories(diary.world.begin, diary.world.clock)(diary.owner, diary.workspace.id, lines)
    assert (done.failed, len(done.errors), done.errors[-1].line) == (150, 100, 100)
    assert diary.happened() == []


async def test_an_export_holds_what_is_live_in_order(diary: Diary) -> None:
    contents = [f"Fact {number}." for number in range(105)]
    for content in contents:
        await diary.add(content)
    await diary.remove(await diary.add("Gone."))
    await diary.add("Over.", tier=Tier.TASK)
    diary.world.clock.advance(timedelta(days=31))
    pieces = await ExportMemories(diary.views, diary.world.clock)(diary.owner, diary.workspace.id)
    assert [memory.content async for piece in pieces for memory in piece] == contents
