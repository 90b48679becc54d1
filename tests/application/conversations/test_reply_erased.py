from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.conversations import MemoryConversationViews
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.erase_conversation import EraseConversation
from domain.conversations import Run
from domain.conversations.reply_prompt import ReplyFacts
from domain.jobs import JobStatus
from tests.application.conversations.script import log_of, saying
from tests.application.doubles import ActingLanguageModel
from tests.application.world import Visit, World, job_of


async def erase(world: World, visit: Visit) -> None:
    await EraseConversation(world.begin, world.log, world.clock)(visit.caller, visit.conversation_id)


@pytest.mark.parametrize("patience", [timedelta(0), timedelta(seconds=1)], ids=["at its end", "at a checkpoint"])
async def test_a_reply_whose_conversation_is_erased_meanwhile_leaves_nothing(world: World, patience: timedelta) -> None:
    visit, claim = await world.asked()

    async def erased() -> None:
        await erase(world, visit)
        world.clock.advance(patience)

    script = ScriptedLanguageModel(saying("Private", " words", " more"))
    make = world.generator(ActingLanguageModel(script, {" words": erased}))
    await make(job_of(claim), claim, MemoryJobProgress())

    assert await log_of(world, claim) == []
    assert not world.store.messages.rows
    assert not world.store.runs.rows


async def test_a_reply_whose_conversation_was_erased_before_is_not_begun(world: World) -> None:
    visit, claim = await world.asked()
    await erase(world, visit)
    await world.generator(ScriptedLanguageModel())(job_of(claim), claim, MemoryJobProgress())

    assert world.job(claim.job_id).status is JobStatus.RUNNING
    assert await log_of(world, claim) == []


async def test_a_reply_whose_workspace_is_gone_is_not_begun(world: World) -> None:
    _, claim = await world.asked()
    world.store.workspaces.rows.clear()
    await world.generator(ScriptedLanguageModel())(job_of(claim), claim, MemoryJobProgress())

    assert await log_of(world, claim) == []


async def test_a_reply_whose_conversation_is_erased_while_its_facts_are_read_is_not_begun(world: World) -> None:
    visit, claim = await world.asked()

    class Late(MemoryConversationViews):
        @override
        async def reply_facts(self, run: Run) -> ReplyFacts | None:
            facts = await super().reply_facts(run)
            await erase(world, visit)
            return facts

    world.conversations = Late(world.store)
    await world.generator(ScriptedLanguageModel())(job_of(claim), claim, MemoryJobProgress())

    assert await log_of(world, claim) == []
    assert not world.store.runs.rows
