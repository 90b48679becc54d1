import json
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from adapters.offline.language_model import OfflineLanguageModel
from application.conversations.blank_message import BlankMessage
from application.conversations.cancel_run_as_member import CancelRunAsMember
from application.conversations.erase import erase
from application.conversations.retry_run import RetryRun
from application.memories.change_memory import RemoveMemory, UndoMemory
from application.memories.remember_conversation import RememberConversation
from application.ports.language_model import Finished, ModelUnavailable, StopReason, TextDelta
from domain.access import Role
from domain.ids import CollectionId, UserId, new_id
from domain.jobs import Job, JobCancelled, JobStatus, LeaseLost
from domain.knowledge import SourceKind
from domain.memories import Collection, CollectionCreated, CollectionKind, MemorySourceType, Tier
from domain.workspaces import WorkspaceLimits
from tests.application.conversations.companion import Talk, a_talk, joined
from tests.application.memories.remembering import (
    claims,
    found,
    job_of,
    known,
    memories,
    remembered,
    rememberer,
    told,
)
from tests.application.world import World

END = Finished(reason=StopReason.END, input_tokens=100, output_tokens=20)
SCRIPT = (
    "My sister's name is Mia. I live in Brno, and I prefer tea.",
    "What is my sister's name?",
    "Actually, I prefer coffee. I have to send the report by Friday. My sister is called Mia, as I said.",
)


@pytest.fixture
async def talk(world: World) -> Talk:
    return await a_talk(world)


def extracted(*items: dict[str, object]) -> ScriptedLanguageModel:
    """A model that finds these memories."""
    return ScriptedLanguageModel([TextDelta(json.dumps({"memories": list(items)})), END])


def fact(content: str, quote: str) -> dict[str, object]:
    return {"content": content, "quote": quote, "kind": "fact"}


async def test_what_the_user_tells_is_remembered_as_theirs_from_that_message(talk: Talk) -> None:
    run = await told(talk, "Hi! My sister's name is Mia. I have to call her mother by Friday, I think.")

    (memory,) = memories(talk)
    assert (memory.content, memory.tier) == ("My sister's name is Mia.", Tier.PERSONAL)
    assert (memory.owner_id, memory.workspace_id) == (talk.caller.actor.id, talk.workspace_id)
    assert (memory.source.type, memory.source.id) == (MemorySourceType.MESSAGE, run.message_id)
    assert not memory.shared
    assert talk.world.happened()[-2:] == ["memory.added", "conversation.remembered"]


async def test_neither_questions_nor_replies_are_remembered(talk: Talk) -> None:
    await told(talk, "Where do I live?")
    await told(talk, "What is my name?")

    assert known(talk) == []


async def test_both_sides_are_found_by_the_user_alone_under_who_said_it_and_when(talk: Talk) -> None:
    run = await told(talk, "We had goulash with Petra at the harbour.")
    other = joined(talk.world, talk.workspace_id, Role.OWNER)
    local = talk.world.clock.now()
    day = f"{local:%A} {local.day} {local:%B %Y}"

    assert await found(talk, "goulash") == [f"Ada, {day}\nWe had goulash with Petra at the harbour."]
    assert f"Companion, {day}\n{run.text}" in await found(talk, run.text)
    assert await found(talk, "goulash", reader=UserId(other.actor.id)) == []


@pytest.mark.no_cover  # nothing here that other tests do not run, a hundred times
async def test_a_hundred_rounds_of_the_same_leave_as_many_memories_as_the_first(talk: Talk) -> None:
    for line in SCRIPT:
        await told(talk, line)
    first, live = len(memories(talk)), sorted(known(talk))

    for _ in range(99):
        for line in SCRIPT:
            await told(talk, line)

    assert len(memories(talk)) == first
    assert sorted(known(talk)) == live
    assert live == [
        "I have to send the report by Friday (2026-01-09).",
        "I live in Brno.",
        "I prefer coffee.",
        "My sister's name is Mia.",
    ]


async def test_what_is_not_true_any_more_is_kept_and_linked_and_not_recalled(talk: Talk) -> None:
    await told(talk, "My boss's name is Mia.")
    await told(talk, "My boss's name is Eva.")

    old, new = memories(talk)
    assert (old.content, old.superseded_by) == ("My boss's name is Mia.", new.id)
    assert await found(talk, "boss", SourceKind.MEMORY) == ["My boss's name is Eva."]
    reply = talk.reply(await talk.ask("What is my boss's name?"))
    assert "Eva" in reply.content


async def test_what_is_said_again_after_it_was_superseded_is_true_again_and_not_there_twice(talk: Talk) -> None:
    for line in ("I prefer tea.", "I prefer coffee.", "I prefer tea."):
        await told(talk, line)

    tea, coffee = memories(talk)
    assert (tea.live, coffee.superseded_by) == (True, tea.id)
    assert await found(talk, "prefer", SourceKind.MEMORY) == ["I prefer tea."]


async def test_what_was_said_to_be_remembered_supersedes_what_it_contradicts(talk: Talk) -> None:
    await told(talk, "My boss's name is Mia.")
    await told(talk, "Please remember that my boss's name is Eva")

    mia, eva = memories(talk)
    assert (mia.superseded_by, eva.live) == (eva.id, True)


async def test_what_one_may_have_several_of_is_linked_and_takes_nothing_back(talk: Talk) -> None:
    await told(talk, "My son is called Tom.")
    await told(talk, "My son is called Jan.")

    tom, jan = memories(talk)
    assert (tom.live, jan.live, jan.similar_to) == (True, True, tom.id)


async def test_a_goal_belongs_to_no_collection_that_shares_a_word_that_says_nothing(talk: Talk) -> None:
    house = await _collected(talk, CollectionKind.GOAL, "Haus")
    await _collected(talk, CollectionKind.GOAL, "Der Umzug")
    await told(talk, "Ich möchte in der Stadt ein Haus bauen.")

    held = {each.memory_id: each.collection_id for each in talk.world.store.collection_memories.rows.values()}
    assert list(held.values()) == [house]


async def test_superseding_can_be_undone(talk: Talk) -> None:
    await told(talk, "I live in Brno.")
    await told(talk, "I live in Prague.")
    old, _ = memories(talk)

    await UndoMemory(talk.world.begin, talk.world.clock)(talk.caller, old.id)

    assert sorted(known(talk)) == ["I live in Brno.", "I live in Prague."]


async def test_of_what_one_message_says_twice_otherwise_the_last_counts(talk: Talk) -> None:
    await told(talk, "I prefer tea. Actually, I prefer coffee.")

    assert [memory.content for memory in memories(talk)] == ["I prefer coffee."]


async def test_a_near_duplicate_is_linked_with_the_one_before(talk: Talk) -> None:
    await told(talk, "I have to call the dentist tomorrow.")
    talk.world.clock.advance(timedelta(days=1))
    await told(talk, "I have to call the dentist tomorrow.")

    first, second = memories(talk)
    assert second.similar_to == first.id


async def test_what_another_shares_is_neither_superseded_nor_taken_for_ones_own(talk: Talk) -> None:
    other = joined(talk.world, talk.workspace_id, Role.OWNER)
    theirs = await replace(talk, caller=other).has_told("I live in Prague.")
    row = talk.world.store.memories.rows[theirs.id]
    talk.world.store.memories.rows[theirs.id] = replace(row, shared=True)

    await told(talk, "I live in Brno.")

    assert talk.world.store.memories.rows[theirs.id].live
    assert sorted(known(talk)) == ["I live in Brno.", "I live in Prague."]


async def test_a_preference_goes_into_the_newest_collection_of_preferences(talk: Talk) -> None:
    collections = [
        await _collected(talk, kind, name)
        for kind, name in (
            (CollectionKind.PREFERENCES, "Food"),
            (CollectionKind.GOAL, "Marathon"),
            (CollectionKind.GOAL, "Spanish"),
        )
    ]
    await told(talk, "I prefer tea. I want to learn Spanish. I live in Brno.")

    held = {each.memory_id: each.collection_id for each in talk.world.store.collection_memories.rows.values()}
    tea, spanish, _ = memories(talk)
    assert held == {tea.id: collections[0], spanish.id: collections[2]}


async def test_done_twice_it_remembers_once(talk: Talk) -> None:
    await talk.ask("I live in Brno.")
    (claim,) = await claims(talk.world)
    job = job_of(claim)
    await rememberer(talk.world)(job, claim, MemoryJobProgress())
    async with talk.world.begin() as work:
        await work.jobs.add(Job.of(job, talk.world.clock.now()))
        await work.commit(None)

    assert len(await remembered(talk.world)) == 1
    assert known(talk) == ["I live in Brno."]
    assert len(await found(talk, "Brno", SourceKind.MESSAGE)) == 1


async def test_it_ends_its_job_with_what_came_of_it_in_the_same_unit(talk: Talk) -> None:
    await talk.ask("I live in Brno.")
    (claim,) = await remembered(talk.world)

    job = talk.world.store.jobs.rows[claim.job_id]
    assert (job.status, job.result) == (JobStatus.SUCCEEDED, {"added": 1, "superseded": 0})
    assert job.workspace_id is None


async def test_it_stops_when_it_is_told_to_and_has_remembered_nothing(talk: Talk) -> None:
    await talk.ask("I live in Brno.")
    progress = MemoryJobProgress()
    progress.cancel()

    with pytest.raises(JobCancelled):
        await remembered(talk.world, progress=progress)
    assert known(talk) == []


async def test_whoever_has_lost_the_job_remembers_nothing(talk: Talk) -> None:
    await talk.ask("I live in Brno.")
    (claim,) = await claims(talk.world)
    talk.world.clock.advance(timedelta(hours=1))
    await talk.world.queue.expire()

    with pytest.raises(LeaseLost):
        await rememberer(talk.world)(job_of(claim), claim, MemoryJobProgress())
    assert known(talk) == []


async def test_what_got_no_reply_is_remembered_too_and_once(talk: Talk) -> None:
    first = await talk.say("I live in Brno.")
    assert first.run
    await CancelRunAsMember(talk.world.begin, talk.world.clock)(talk.caller, first.run.id)
    await told(talk, "I prefer tea.")

    assert sorted(known(talk)) == ["I live in Brno.", "I prefer tea."]
    assert len(await found(talk, "Brno")) == 1


async def test_an_answer_made_once_more_takes_back_nothing_that_was_forgotten_meanwhile(talk: Talk) -> None:
    run = await talk.ask("I live in Brno.", ScriptedLanguageModel([ModelUnavailable("busy")]))
    await remembered(talk.world)
    (memory,) = memories(talk)
    await RemoveMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id)

    await RetryRun(talk.world.begin, talk.world.clock)(talk.caller, run.id)
    await talk.world.reply(await talk.world.claim(), OfflineLanguageModel())
    await remembered(talk.world)

    assert known(talk) == []


async def test_nothing_a_visitor_said_is_remembered(world: World) -> None:
    visit, claim = await world.asked("I live in Brno. My name is Eva.")
    run = await world.reply(claim, OfflineLanguageModel())
    conversation = world.store.conversations.rows[visit.conversation_id]

    assert RememberConversation.of(run, conversation) is None
    assert await claims(world) == []
    forged = RememberConversation(
        run_id=run.id, conversation_id=conversation.id, user_id=UserId(new_id(world.clock.now()))
    )
    async with world.begin() as work:
        await work.jobs.add(Job.of(forged, world.clock.now()))
        await work.commit(None)
    await remembered(world)
    assert not world.store.memories.rows
    assert not [row for row in world.store.sources.rows.values() if row.source.kind is SourceKind.MESSAGE]


async def test_nobody_finds_a_blanked_message_any_more(talk: Talk) -> None:
    run = await told(talk, "We had goulash at the harbour.")
    blank = BlankMessage(talk.world.begin, talk.world.conversations, talk.world.log, talk.world.clock)

    await blank(talk.caller, run.message_id)

    assert await found(talk, "goulash") == []


async def test_a_message_blanked_before_it_was_remembered_leaves_nothing(talk: Talk) -> None:
    run = await talk.ask("I live in Brno, behind the harbour.")
    blank = BlankMessage(talk.world.begin, talk.world.conversations, talk.world.log, talk.world.clock)
    await blank(talk.caller, run.message_id)
    await remembered(talk.world)

    assert known(talk) == []
    assert await found(talk, "harbour") == []


async def test_nobody_finds_what_was_said_in_an_erased_conversation(talk: Talk) -> None:
    await told(talk, "We had goulash at the harbour.")
    await talk.ask("I live in Brno.")
    async with talk.world.begin() as work:
        await erase(work, talk.conversation_id, by=talk.caller.actor, at=talk.world.clock.now())
        await work.commit(None)
    await remembered(talk.world)

    assert await found(talk, "goulash") == []
    assert not [row for row in talk.world.store.sources.rows.values() if row.source.kind is SourceKind.MESSAGE]
    assert known(talk) == []


async def test_a_model_finds_more_in_one_call_that_the_ledger_counts(talk: Talk) -> None:
    model = extracted(fact("My sister Mia is a nurse.", "Mia, my sister, nurses"))
    run = await told(talk, "Mia, my sister, nurses in Brno.", model)

    assert known(talk) == ["My sister Mia is a nurse."]
    assert len(model.prompts) == 1
    assert model.tools == [()]
    (entry,) = [each for each in talk.world.store.usage_entries.rows.values() if each.model == model.name]
    assert (entry.run_id, entry.input_tokens, entry.output_tokens, entry.estimated) == (run.id, 100, 20, False)


@pytest.mark.parametrize(
    "reply",
    [
        [TextDelta("I will remember that."), END],
        [TextDelta('{"memories": [{"content": 5}]}'), END],
        [TextDelta('{"memories": ['), Finished(reason=StopReason.LENGTH)],
        [TextDelta("x" * 9_000), TextDelta("never read")],
        [ModelUnavailable("busy")],
    ],
    ids=["prose", "bad", "cut", "endless", "unavailable"],
)
async def test_where_a_model_fails_the_rules_decide(talk: Talk, reply: list[TextDelta | Finished | Exception]) -> None:
    await told(talk, "I live in Brno.", ScriptedLanguageModel(reply))

    assert known(talk) == ["I live in Brno."]


async def test_no_model_is_asked_where_nothing_is_stated(talk: Talk) -> None:
    model = ScriptedLanguageModel()
    await told(talk, "Where do I live?", model)

    assert model.prompts == []


async def test_no_model_is_asked_beyond_a_limit(talk: Talk) -> None:
    await told(talk, "I prefer tea.", extracted())
    await talk.ask("I live in Brno.")
    stored = talk.world.store.workspaces.rows[talk.workspace_id]
    limits = WorkspaceLimits(tokens_per_day=1)
    talk.world.store.workspaces.rows[talk.workspace_id] = replace(stored, limits=limits)
    model = ScriptedLanguageModel()
    await remembered(talk.world, model)

    assert model.prompts == []
    assert known(talk) == ["I live in Brno."]


async def test_a_model_is_not_believed_what_the_user_did_not_say(talk: Talk) -> None:
    model = extracted(fact("I live in Rome.", "I live in Rome"), fact("I live in Brno.", "I live in Brno"))
    await told(talk, "I live in Brno. Do I live in Rome?", model)

    assert known(talk) == ["I live in Brno."]


async def _collected(talk: Talk, kind: CollectionKind, name: str) -> CollectionId:
    now = talk.world.clock.advance(timedelta(milliseconds=1))
    collection = Collection.created(talk.workspace_id, UserId(talk.caller.actor.id), {"kind": kind, "name": name}, now)
    async with talk.world.begin() as work:
        await work.collections.add(collection, because=CollectionCreated.of(collection, by=talk.caller.actor, at=now))
        return await work.commit(collection.id)
