"""What a user takes back of what they have told their companion, however late that is remembered."""

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from adapters.offline.language_model import OfflineLanguageModel
from application.conversations.blank_message import BlankMessage
from application.conversations.erase import erase
from application.conversations.retry_run import RetryRun
from application.jobs.cancel_job import EndCancelledJob
from application.jobs.fail_job import FailJob
from application.memories.change_memory import RemoveMemory, UndoMemory
from application.memories.index_abandoned import IndexAbandoned
from application.memories.remember_conversation import RememberConversation
from application.ports.jobs import Burial, JobsWork
from application.ports.language_model import Finished, ModelUnavailable, StopReason, TextDelta
from domain.conversations import Run
from domain.errors import NotFound
from domain.ids import JobId, UserId
from domain.jobs import Job, JobStatus
from domain.knowledge import SourceKind
from domain.prompts import ToolCall
from tests.application.conversations.companion import Talk, a_talk
from tests.application.memories.remembering import claims, found, known, memories, remembered, told
from tests.application.world import World

END = Finished(reason=StopReason.END)
TOOLS = Finished(reason=StopReason.TOOLS)


@pytest.fixture
async def talk(world: World) -> Talk:
    return await a_talk(world)


def blank(talk: Talk) -> BlankMessage:
    return BlankMessage(talk.world.begin, talk.world.conversations, talk.world.log, talk.world.clock)


def burials(talk: Talk) -> Mapping[str, Burial[JobsWork]]:
    # The units are of a type that knows all.
    return cast("Mapping[str, Burial[JobsWork]]", {RememberConversation.type: IndexAbandoned(talk.world.clock)})


def fail(talk: Talk) -> FailJob:
    return FailJob(talk.world.begin, burials(talk), talk.world.clock)


async def replayed(talk: Talk, job_id: JobId) -> None:
    """The dead job waits again, as by `ReplayJob`, which finds only those of workspaces."""
    async with talk.world.begin() as work:
        dead = await work.jobs.lock(job_id)
        job = await IndexAbandoned(talk.world.clock).revive(work, dead)
        await work.jobs.save(job.replayed(talk.world.clock.now()))
        await work.commit(None)


async def erased(talk: Talk) -> None:
    async with talk.world.begin() as work:
        await erase(work, talk.conversation_id, by=talk.caller.actor, at=talk.world.clock.now())
        await work.commit(None)


async def retried(talk: Talk, run: Run, reply: str) -> Run:
    """The run that answers the same once more."""
    await RetryRun(talk.world.begin, talk.world.clock)(talk.caller, run.id)
    return await talk.world.reply(await talk.world.claim(), ScriptedLanguageModel([TextDelta(reply), END]))


@pytest.mark.parametrize("wish", ["Forget that I live in Brno.", "Forget that.", "Please forget what I told you!"])
async def test_what_is_to_be_forgotten_before_it_was_remembered_is_neither_remembered_nor_found(
    talk: Talk, wish: str
) -> None:
    await talk.ask("I live in Brno, behind the harbour.")
    await talk.ask(wish)
    await remembered(talk.world)

    assert known(talk) == []
    assert await found(talk, "Brno harbour") == []


async def test_a_wish_that_no_reply_is_made_to_yet_counts(talk: Talk) -> None:
    await talk.ask("I live in Brno, behind the harbour.")
    await talk.say("Forget that I live in Brno.")
    await remembered(talk.world)

    assert known(talk) == []
    assert await found(talk, "Brno harbour") == []


async def test_only_what_the_wish_names_is_taken_back(talk: Talk) -> None:
    await talk.ask("My dog is called Rex. I prefer tea.")
    await talk.ask("Forget that my dog is called Rex, my good old dog.")
    await remembered(talk.world)

    assert known(talk) == ["I prefer tea."]
    assert await found(talk, "Rex") == []


async def test_what_a_companion_takes_for_no_wish_is_none(talk: Talk) -> None:
    await talk.ask("I live in Brno, behind the harbour.")
    await talk.ask("I have to remove it.", ScriptedLanguageModel([TextDelta("Good luck."), END]))
    await remembered(talk.world)

    assert any("Brno" in memory for memory in known(talk))
    assert await found(talk, "harbour")


async def test_a_wish_for_something_else_takes_nothing_back(talk: Talk) -> None:
    await told(talk, "My dog is called Rex.")
    await talk.ask("I live in Brno, behind the harbour.")
    await talk.ask("Forget that my dog is called Rex.")
    await remembered(talk.world)

    assert any("Brno" in memory for memory in known(talk))
    assert await found(talk, "harbour")


async def test_nothing_is_remembered_of_a_wish_that_found_nothing(talk: Talk) -> None:
    call = ToolCall(id="1", tool="forget", args={"what": "lives in Brno"})
    model = ScriptedLanguageModel([call, TOOLS], [TextDelta("There was nothing."), END])
    run = await talk.ask("I live in Brno. Forget it.", model)
    await remembered(talk.world)

    assert [step.status for step in run.steps] == ["error"]
    assert known(talk) == []
    assert await found(talk, "Brno") == []


async def test_a_message_is_remembered_although_its_companion_was_led_to_forget_something(talk: Talk) -> None:
    call = ToolCall(id="1", tool="forget", args={"what": "lives in Brno"})
    model = ScriptedLanguageModel([call, TOOLS], [TextDelta("There was nothing."), END])
    await talk.ask("I live in Brno.", model)
    await remembered(talk.world)

    assert known(talk) == ["I live in Brno."]
    assert await found(talk, "Brno")


async def test_an_answer_made_once_more_makes_only_the_answer_findable(talk: Talk) -> None:
    run = await talk.ask("My dog is called Rex.", ScriptedLanguageModel([ModelUnavailable("down")]))
    await remembered(talk.world)
    assert await found(talk, "Rex")
    (memory,) = memories(talk)
    await RemoveMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id)

    again = await retried(talk, run, "What a nice name.")
    await remembered(talk.world)

    assert await found(talk, "Rex") == []
    assert len(await found(talk, again.text)) == 1


@pytest.mark.parametrize("for_good", [False, True])
async def test_with_a_memory_goes_what_is_found_of_the_message_it_comes_from(talk: Talk, *, for_good: bool) -> None:
    await told(talk, "I live in Brno, behind the harbour.")
    (memory,) = memories(talk)

    await RemoveMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id, for_good=for_good)

    assert known(talk) == []
    assert await found(talk, "Brno harbour") == []


async def test_a_memory_that_comes_from_no_message_goes_alone(talk: Talk) -> None:
    await told(talk, "We had goulash with Petra at the harbour.")
    memory = await talk.has_told("We had goulash with Petra.")

    await RemoveMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id)

    assert await found(talk, "goulash")


async def test_with_a_message_goes_what_is_remembered_of_it_which_can_be_undone(talk: Talk) -> None:
    run = await told(talk, "I live in Brno. I prefer tea.")
    await told(talk, "My dog is called Rex.")
    gone = [memory for memory in memories(talk) if memory.source.id == run.message_id]
    assert len(gone) == 2

    await blank(talk)(talk.caller, run.message_id)

    assert known(talk) == ["My dog is called Rex."]
    assert await found(talk, "Brno", SourceKind.MEMORY) == []
    for memory in gone:
        await UndoMemory(talk.world.begin, talk.world.clock)(talk.caller, memory.id)
    assert await found(talk, "Brno", SourceKind.MEMORY) == ["I live in Brno."]


async def test_with_a_reply_goes_nothing_that_is_remembered_of_the_question(talk: Talk) -> None:
    run = await told(talk, "I live in Brno.")

    await blank(talk)(talk.caller, run.reply_message_id)

    assert known(talk) == ["I live in Brno."]


async def test_what_was_said_is_found_although_it_could_not_be_remembered(talk: Talk) -> None:
    run = await talk.ask("I live in Brno, behind the harbour.")
    (claim,) = await claims(talk.world)
    await fail(talk)(claim, "It broke.", for_good=True)

    assert talk.world.job(claim.job_id).status is JobStatus.DEAD
    assert known(talk) == []
    assert len(await found(talk, "harbour")) >= 1
    assert await found(talk, run.text)
    assert talk.world.happened()[-1] == "conversation.remembered"


async def test_what_was_taken_back_is_not_found_where_it_could_not_be_remembered(talk: Talk) -> None:
    await talk.ask("I live in Brno, behind the harbour.")
    (claim,) = await claims(talk.world)
    await talk.say("Forget that.")
    await fail(talk)(claim, "It broke.", for_good=True)

    assert await found(talk, "harbour") == []


async def test_a_failure_that_is_not_the_last_makes_nothing_findable(talk: Talk) -> None:
    await talk.ask("I live in Brno, behind the harbour.")
    (claim,) = await claims(talk.world)
    await fail(talk)(claim, "It broke.")

    assert await found(talk, "harbour") == []


async def test_nothing_is_found_of_what_was_not_to_be_remembered(talk: Talk) -> None:
    await talk.ask("I live in Brno, behind the harbour.")
    (claim,) = await claims(talk.world)
    await EndCancelledJob(talk.world.begin, burials(talk), talk.world.clock)(claim)

    assert talk.world.job(claim.job_id).status is JobStatus.CANCELLED
    assert await found(talk, "harbour") == []


async def test_what_was_said_in_an_erased_conversation_is_buried_without_a_trace(talk: Talk) -> None:
    await talk.ask("I live in Brno, behind the harbour.")
    (claim,) = await claims(talk.world)
    await erased(talk)
    await fail(talk)(claim, "It broke.", for_good=True)

    assert await found(talk, "harbour") == []


async def test_nothing_a_visitor_said_is_found_after_a_forged_job_died(world: World) -> None:
    talk = await a_talk(world)
    _, claim = await world.asked("I live in Brno, behind the harbour.")
    run = await world.reply(claim, OfflineLanguageModel())
    forged = RememberConversation(
        run_id=run.id, conversation_id=run.conversation_id, user_id=UserId(talk.caller.actor.id)
    )
    async with world.begin() as work:
        await work.jobs.add(Job.of(forged, world.clock.now()))
        await work.commit(None)
    (claim,) = await claims(world)
    await fail(talk)(claim, "It broke.", for_good=True)

    assert not [row for row in world.store.sources.rows.values() if row.source.kind is SourceKind.MESSAGE]


async def test_a_replayed_job_remembers_what_it_was_to_remember(talk: Talk) -> None:
    await talk.ask("I live in Brno.")
    (claim,) = await claims(talk.world)
    await fail(talk)(claim, "It broke.", for_good=True)
    assert known(talk) == []

    await replayed(talk, claim.job_id)
    await remembered(talk.world)

    assert known(talk) == ["I live in Brno."]


async def test_no_job_is_replayed_for_what_was_erased(talk: Talk) -> None:
    await talk.ask("I live in Brno.")
    (claim,) = await claims(talk.world)
    await fail(talk)(claim, "It broke.", for_good=True)
    await erased(talk)

    with pytest.raises(NotFound):
        await replayed(talk, claim.job_id)


@pytest.mark.parametrize("way", ["a wish", "blanking"])
async def test_what_is_taken_back_is_locked_only_once_nobody_changes_the_retention(talk: Talk, way: str) -> None:
    run = await talk.ask("My dog is called Rex.")
    await remembered(talk.world)
    (memory,) = memories(talk)
    async with talk.world.begin() as work:
        await work.memory_policies.lock(talk.workspace_id)
        taking = asyncio.ensure_future(
            talk.ask("Forget my dog.") if way == "a wish" else blank(talk)(talk.caller, run.message_id)
        )
        done, _ = await asyncio.wait([taking], timeout=0.2)
        assert not done
        await work.memories.lock(memory.id)  # as who dates it anew does
    await taking

    assert known(talk) == []
