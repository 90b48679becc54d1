"""How what is said in visitors' conversations becomes findable by members, and by nobody else."""

from collections.abc import Sequence

import pytest
from typing_extensions import override

from adapters.memory.conversations import MemoryConversationViews
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.store import MemoryStore
from application.conversations.index_conversations import AT_ONCE, ConversationsIndexer, IndexConversations
from application.knowledge.embed_passages import EmbedPassages
from domain.ids import ConversationId
from domain.jobs import RUNS_KEPT, Claim, Job, JobCancelled, LeaseLost
from domain.knowledge import Filters, SourceKind
from tests.application.conversations.companion import a_talk
from tests.application.conversations.members import stored
from tests.application.conversations.talk import Talk
from tests.application.world import LEASE, World


class Erased(MemoryConversationViews):
    """Views after whose answer all conversations are erased."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self._conversations = store.conversations.rows

    @override
    async def unindexed(self, limit: int) -> Sequence[ConversationId]:
        found = await super().unindexed(limit)
        self._conversations.clear()
        return found


async def claimed(world: World) -> Claim:
    async with world.begin() as work:
        await work.jobs.add(Job.of(IndexConversations(), world.clock.now()))
        await work.commit(None)
    (claim,) = await world.queue.claim([IndexConversations.type], 5, LEASE)
    return claim


def indexer(world: World) -> ConversationsIndexer:
    return ConversationsIndexer(world.begin, world.conversations, world.queue, world.clock)


async def indexed(world: World, progress: MemoryJobProgress | None = None) -> tuple[int, str | None]:
    """What the job reports last."""
    progress = progress or MemoryJobProgress()
    claim = await claimed(world)
    try:
        await indexer(world)(IndexConversations(), claim, progress)
    finally:
        await world.queue.finish(claim)
    return progress.reports[-1]


def found(world: World) -> dict[str, str]:
    """Under which heading each message is found."""
    rows = world.store.sources.rows.values()
    messages = [row for row in rows if row.source.kind is SourceKind.VISITOR_MESSAGE]
    return {passage.text: passage.heading for row in messages for passage in row.passages}


async def test_whatever_is_said_is_found_under_who_said_it_and_when(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("What is a wash?")
    await talk.reply("A thin layer.")
    await talk.take_over()
    await talk.help("I can show you.")
    assert await indexed(world) == (100, "3 messages")
    day = f"{world.clock.now():%A} {world.clock.now().day} {world.clock.now():%B %Y}"
    assert found(world) == {
        "What is a wash?": f"Visitor, {day}",
        "A thin layer.": f"Assistant, {day}",
        "I can show you.": f"Member, {day}",
    }
    row = next(row for row in world.store.sources.rows.values() if row.source.kind is SourceKind.VISITOR_MESSAGE)
    assert (row.standing.reader_id, row.standing.owner_id) == (None, None)
    embedding = [job for job in world.store.jobs.rows.values() if job.type == EmbedPassages.type]
    assert [job.workspace_id for job in embedding] == [row.workspace_id], "one job for all of them"


async def test_only_what_was_said_since_is_looked_at(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("What is a wash?")
    assert await indexed(world) == (100, "1 messages")
    version = stored(world, talk.visit).version
    assert await indexed(world) == (100, "0 messages")
    await talk.ask("And a glaze?")
    assert await indexed(world) == (100, "1 messages")
    assert set(found(world)) == {"What is a wash?", "And a glaze?"}
    assert stored(world, talk.visit).version == version + 1, "a member who edits it is not disturbed"


async def test_a_long_conversation_is_indexed_in_pieces(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.take_over()
    for number in range(AT_ONCE + 1):
        await talk.help(f"Sentence {number}.")
    assert await indexed(world) == (100, f"{AT_ONCE + 1} messages")
    assert len(found(world)) == AT_ONCE + 1


async def test_what_was_taken_away_is_not_found_before_nor_after(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("My number is 1234.")
    await talk.blank(talk.saying("My number is 1234."))
    await talk.ask("Call me.")
    await indexed(world)
    assert set(found(world)) == {"Call me."}
    await talk.blank(talk.saying("Call me."))
    assert found(world) == {}
    await indexed(world)
    assert found(world) == {}


async def test_what_is_said_to_a_companion_is_not_found_as_a_visitors(world: World) -> None:
    talk = await a_talk(world)
    await talk.say("I like tea.")
    assert await indexed(world) == (100, "0 messages")
    assert found(world) == {}


async def test_visitors_are_told_nothing_of_it(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("What is a wash?")
    await indexed(world)
    workspace_id = stored(world, talk.visit).workspace_id
    assert await world.find(workspace_id, "wash") == []
    members = Filters(workspace_id=workspace_id, kinds=frozenset({SourceKind.VISITOR_MESSAGE}), at=world.clock.now())
    assert await world.search.lexical("wash", "en", members, 9)


async def test_a_conversation_whose_messages_are_gone_is_not_looked_at_for_ever(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("What is a wash?")
    world.store.messages.rows.clear()
    assert await indexed(world) == (100, "0 messages")
    assert list(await world.conversations.unindexed(9)) == []


async def test_one_that_is_erased_meanwhile_is_left_out(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("What is a wash?")
    progress = MemoryJobProgress()
    views = Erased(world.store)
    await ConversationsIndexer(world.begin, views, world.queue, world.clock)(
        IndexConversations(), await claimed(world), progress
    )
    assert progress.reports[-1] == (100, "0 messages")


async def test_asked_to_stop_it_does_and_what_is_done_stays(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("What is a wash?")
    progress = MemoryJobProgress()
    progress.cancel()
    with pytest.raises(JobCancelled):
        await indexed(world, progress)
    assert set(found(world)) == {"What is a wash?"}


async def test_who_has_lost_the_job_writes_nothing(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("What is a wash?")
    claim = await claimed(world)
    world.clock.advance(LEASE)
    await world.queue.expire()
    await world.queue.claim([IndexConversations.type], 5, LEASE)
    with pytest.raises(LeaseLost):
        await indexer(world)(IndexConversations(), claim, MemoryJobProgress())
    assert found(world) == {}


async def test_of_its_own_jobs_those_of_a_day_are_kept(world: World) -> None:
    for _ in range(2):
        await indexed(world)
        world.clock.advance(RUNS_KEPT)
    await indexed(world)
    assert len([job for job in world.store.jobs.rows.values() if job.type == IndexConversations.type]) == 2


def test_there_is_one_at_a_time_for_all_workspaces() -> None:
    assert (IndexConversations().unique_key, IndexConversations().workspace) == ("all", None)
