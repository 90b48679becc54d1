import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.erase_conversation import EraseConversation
from domain.errors import NotFound
from domain.jobs import JobStatus
from tests.application.conversations.script import saying
from tests.application.world import Visit, World
from tests.contracts.run_log import frames_of


async def erase(world: World, visit: Visit) -> None:
    await EraseConversation(world.begin, world.log, world.clock)(visit.caller, visit.conversation_id)


async def test_all_that_was_said_is_gone_and_activity_keeps_that_it_was(world: World) -> None:
    visit, claim = await world.asked("I am Grace")
    await world.reply(claim, ScriptedLanguageModel(saying("Hello Grace.")))
    await world.say(visit, "Grace again")
    await erase(world, visit)

    assert "Grace" not in repr([world.store.conversations.rows, world.store.messages.rows, world.store.runs.rows])
    assert "Grace" not in repr(world.store.jobs.rows)
    assert not world.store.credentials.rows
    assert "Grace" not in repr(world.store.activity)
    assert world.happened()[-1] == "conversation.erased"


async def test_the_live_logs_of_all_its_runs_are_forgotten(world: World) -> None:
    visit = await world.visit()
    run_ids = [world.run_for(await world.say(visit, f"Question {number}")).id for number in range(3)]
    for _ in range(2):
        await world.reply(await world.claim(), ScriptedLanguageModel(saying("Private words.")))
    for _ in range(10):  # more runs than are read at a time
        run_ids.append(world.run_for(await world.say(visit)).id)
        await world.reply(await world.claim(), ScriptedLanguageModel(saying("Private words.")))
    assert len([run_id for run_id in run_ids if await frames_of(world.log, run_id)]) == 12
    await erase(world, visit)

    assert [await frames_of(world.log, run_id) for run_id in run_ids] == [[]] * 13


async def test_waiting_replies_are_cancelled_and_the_worker_of_a_running_one_is_told(world: World) -> None:
    visit, claim = await world.asked()
    await world.say(visit, "Waiting")
    await erase(world, visit)

    assert world.job(claim.job_id).cancel_asked
    others = [job for job in world.store.jobs.rows.values() if job.id != claim.job_id]
    assert [job.status for job in others] == [JobStatus.CANCELLED]


async def test_erased_again_or_by_others_it_is_not_found(world: World) -> None:
    visit, another = await world.visit(), await world.visit()

    with pytest.raises(NotFound):
        await erase(world, Visit(caller=another.caller, conversation_id=visit.conversation_id))
    await erase(world, visit)
    with pytest.raises(NotFound):
        await erase(world, visit)
    assert list(world.store.conversations.rows) == [another.conversation_id]
