"""What others do while a companion remembers what was said, and what it finds when it comes to keep it."""

from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.collections import MemoryCollectionViews
from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.memories import MemoryMemories, MemoryMemoryViews
from adapters.memory.store import CollectedMemory, MemoryStore
from adapters.memory.table import Transaction
from adapters.memory.unit_of_work import MemoryUnitOfWork
from application.conversations.blank_message import BlankMessage
from application.conversations.erase import erase
from application.memories.change_memory import RemoveMemory, UndoMemory
from application.memories.collections import AddCollection, ReadCollection, RemoveCollection
from application.memories.look_up import LookUp
from application.memories.remember import Remembered, remember
from application.ports.collections import CollectionView
from domain.ids import MemoryId, UserId, WorkspaceId, new_id
from domain.knowledge import Filters, Source, SourceKind
from domain.memories import Change, CollectionKind, Memory, MemoryRetention, MemorySourceType, Tier
from domain.memories.collections import MOST_MEMORIES
from domain.memories.extraction import Proposal
from domain.memories.tiers import POLICIES
from tests.application.conversations.companion import Talk, a_talk
from tests.application.doubles import Act
from tests.application.memories.remembering import Meanwhile, found, known, memories, remembered, told
from tests.application.world import World

READING = "Reading what was said"
KEEPING = "Remembering it"


class Interrupted(MemoryMemories):
    """Memories among which something happens right before one is looked for by its words, once."""

    def __init__(self, store: MemoryStore, transaction: Transaction, act: Act) -> None:
        super().__init__(store, transaction)
        self._act: Act | None = act

    @override
    async def of_digest(self, workspace_id: WorkspaceId, owner_id: UserId, digest: bytes) -> Memory | None:
        if self._act is not None:
            act, self._act = self._act, None
            await act()
        return await super().of_digest(workspace_id, owner_id, digest)


@pytest.fixture
async def talk(world: World) -> Talk:
    return await a_talk(world)


def owner(talk: Talk) -> UserId:
    return UserId(talk.caller.actor.id)


async def a_collection(talk: Talk, kind: CollectionKind) -> CollectionView:
    add = AddCollection(talk.world.begin, talk.world.clock)
    return await add(talk.caller, talk.workspace_id, {"kind": kind, "name": "Food"})


async def kept_in(talk: Talk, collection: CollectionView) -> CollectionView:
    """The collection as it is now."""
    return await ReadCollection(MemoryCollectionViews(talk.world.store))(talk.caller, collection.id)


async def remove(talk: Talk, memory_id: MemoryId) -> None:
    await RemoveMemory(talk.world.begin, talk.world.clock)(talk.caller, memory_id, for_good=True)


async def told_while(talk: Talk, content: str, act: Act) -> object:
    """What the user says is remembered, and this happens before it is kept; what the job tells of its result."""
    await talk.ask(content)
    (claim,) = await remembered(talk.world, progress=Meanwhile(KEEPING, act))
    return talk.world.job(claim.job_id).result


async def test_a_conversation_erased_while_it_is_read_is_shown_to_no_model_and_leaves_nothing(talk: Talk) -> None:
    async def erased() -> None:
        async with talk.world.begin() as work:
            await erase(work, talk.conversation_id, by=talk.caller.actor, at=talk.world.clock.now())
            await work.commit(None)

    await talk.ask("I live in Brno, behind the harbour.")
    model = ScriptedLanguageModel()
    await remembered(talk.world, model, Meanwhile(READING, erased))

    assert model.prompts == []
    assert known(talk) == []
    assert await found(talk, "harbour") == []


async def test_a_message_blanked_while_it_is_read_leaves_nothing(talk: Talk) -> None:
    run = await talk.ask("I live in Brno, behind the harbour.")
    blank = BlankMessage(talk.world.begin, talk.world.conversations, talk.world.log, talk.world.clock)
    await remembered(talk.world, progress=Meanwhile(KEEPING, lambda: blank(talk.caller, run.message_id)))

    assert known(talk) == []
    assert await found(talk, "harbour") == []
    sources = [row.source for row in talk.world.store.sources.rows.values()]
    assert sources == [Source(SourceKind.MESSAGE, run.reply_message_id)]


async def test_a_memory_gone_for_good_meanwhile_is_not_superseded(talk: Talk) -> None:
    await told(talk, "I live in Brno.")
    (brno,) = memories(talk)

    assert await told_while(talk, "I live in Prague.", lambda: remove(talk, brno.id)) == {"added": 1, "superseded": 0}
    assert [memory.content for memory in memories(talk)] == ["I live in Prague."]


async def test_a_memory_whose_time_is_over_meanwhile_is_remembered_anew(talk: Talk) -> None:
    old = await talk.has_told("I have to call the dentist.", Tier.TASK)
    days = POLICIES[Tier.TASK].days
    assert days
    talk.world.clock.advance(timedelta(days=days, seconds=-1))

    async def over() -> None:
        talk.world.clock.advance(timedelta(seconds=2))

    assert await told_while(talk, "I have to call the dentist.", over) == {"added": 1, "superseded": 0}
    (new,) = memories(talk)
    assert (new.content, new.id != old.id) == ("I have to call the dentist.", True)
    assert talk.world.store.memories.rows[old.id].change is Change.PRUNED


async def test_what_the_user_adds_in_the_same_words_meanwhile_is_not_there_twice(talk: Talk) -> None:
    assert await told_while(talk, "I live in Brno.", lambda: talk.has_told("I live in Brno.")) == {
        "added": 0,
        "superseded": 0,
    }
    (memory,) = memories(talk)
    assert memory.source.type is MemorySourceType.USER


async def test_what_the_user_adds_again_meanwhile_is_true_in_place_of_what_was_before(talk: Talk) -> None:
    await told(talk, "I prefer tea.")
    await told(talk, "I prefer coffee.")
    tea, coffee = memories(talk)

    result = await told_while(talk, "I prefer tea.", lambda: talk.has_told("I prefer tea."))

    assert result == {"added": 0, "superseded": 1}
    before, late, added = memories(talk)
    assert before == tea
    assert (late.id, late.superseded_by) == (coffee.id, added.id)
    assert (added.content, added.live, added.source.type) == ("I prefer tea.", True, MemorySourceType.USER)


async def test_a_memory_for_a_collection_removed_meanwhile_is_kept_without_it(talk: Talk) -> None:
    food = await a_collection(talk, CollectionKind.PREFERENCES)
    drop = RemoveCollection(talk.world.begin, talk.world.clock)
    await told_while(talk, "I prefer tea.", lambda: drop(talk.caller, food.id))

    assert known(talk) == ["I prefer tea."]
    assert not talk.world.store.collection_memories.rows


async def test_a_memory_for_a_full_collection_is_kept_without_it(talk: Talk) -> None:
    food, store = await a_collection(talk, CollectionKind.PREFERENCES), talk.world.store
    for position in range(MOST_MEMORIES):
        at = talk.world.clock.advance(timedelta(milliseconds=1))
        note = Memory.added(talk.workspace_id, owner(talk), {"content": f"Note {position}."}, MemoryRetention(), at)
        store.memories.rows[note.id] = note
        held = CollectedMemory(talk.workspace_id, food.id, note.id, position)
        store.collection_memories.rows[food.id, note.id] = held
    full = await kept_in(talk, food)
    await told(talk, "I prefer tea.")

    assert known(talk)[-1] == "I prefer tea."
    assert await kept_in(talk, food) == full


async def test_what_is_true_again_keeps_its_place_in_its_collection(talk: Talk) -> None:
    food = await a_collection(talk, CollectionKind.PREFERENCES)
    for line in ("I prefer tea.", "I prefer coffee."):
        await told(talk, line)
    before = await kept_in(talk, food)
    await told(talk, "I prefer tea.")

    tea, coffee = memories(talk)
    assert tea.live
    assert before.memory_ids == (tea.id, coffee.id)
    assert await kept_in(talk, food) == before


async def test_what_is_true_again_is_found_no_more_once_that_is_undone(talk: Talk) -> None:
    for line in ("I prefer tea.", "I prefer coffee.", "I prefer tea."):
        await told(talk, line)
    tea, _ = memories(talk)
    assert await found(talk, "tea", SourceKind.MEMORY) == ["I prefer tea."]

    undone = await UndoMemory(talk.world.begin, talk.world.clock)(talk.caller, tea.id)

    assert undone.superseded_by is not None
    assert await found(talk, "tea", SourceKind.MEMORY) == []


async def test_nothing_is_compared_in_a_workspace_that_is_gone(world: World) -> None:
    look_up = LookUp(world.search, MemoryMemoryViews(world.store), MemoryCollectionViews(world.store))
    at = world.clock.now()
    reader_id = UserId(new_id(at))
    only = Filters(workspace_id=WorkspaceId(new_id(at)), reader_id=reader_id, owner_id=reader_id, at=at)

    assert await look_up([Proposal(content="I live in Brno.", tier=Tier.PERSONAL)], (), reader_id, only) == []


async def test_of_the_same_words_one_removed_before_it_can_be_looked_at_makes_room(talk: Talk) -> None:
    old, world = await talk.has_told("I live in Brno."), talk.world
    now = world.clock.advance(timedelta(milliseconds=1))
    new = Memory.added(talk.workspace_id, owner(talk), {"content": "I live in Brno."}, MemoryRetention(), now)
    with world.store.transaction() as transaction:
        work = MemoryUnitOfWork(world.store, transaction, world.bell, world.clock, None)
        work.memories = Interrupted(world.store, transaction, lambda: remove(talk, old.id))

        assert await remember(work, new, "en", now, by=talk.caller.actor) == Remembered(new, new=True)
        await work.commit(None)
    assert memories(talk) == [new]
    assert await found(talk, "Brno", SourceKind.MEMORY) == ["I live in Brno."]
