import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.erase_conversation import EraseConversation
from application.conversations.meter import ANSWER_TOKENS
from application.ports.language_model import (
    Finished,
    ModelError,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from domain.conversations import Run, RunStatus, Usage
from domain.jobs import Claim
from domain.pricing import Cost, PriceList
from domain.prompts import ToolCall
from domain.usage import UsageEntry
from tests.application.conversations.script import END, TOOLS, saying
from tests.application.doubles import ActingLanguageModel
from tests.application.world import World, job_of

CALL = ToolCall(id="call", tool="list_services", args={})
PRICES = PriceList.parse('{"a:one": {"input": 1, "output": 2}, "a:two": {"input": 10, "output": 20}}')


def entries_of(world: World, run: Run) -> list[UsageEntry]:
    """What the ledger has of the run's calls, in order."""
    return [entry for entry in world.store.usage_entries.rows.values() if entry.run_id == run.id]


async def reply(world: World, claim: Claim, model: ScriptedLanguageModel) -> Run:
    await world.generator_of(model, prices=PRICES)(job_of(claim), claim, MemoryJobProgress())
    return world.run_of(claim)


async def test_each_call_has_an_entry_and_the_run_their_sum(world: World) -> None:
    visit, claim = await world.asked()
    tools = Finished(reason=StopReason.TOOLS, input_tokens=100, output_tokens=10, model="a:two")
    end = Finished(reason=StopReason.END, input_tokens=200, output_tokens=20)
    run = await reply(world, claim, ScriptedLanguageModel([CALL, tools], [TextDelta("None."), end], name="a:one"))

    cost = Cost(amount="0.00144", currency="USD")
    assert (run.model, run.usage) == ("a:one", Usage(input_tokens=300, output_tokens=30, cost=cost))
    first, second = entries_of(world, run)
    assert (first.model, first.input_tokens, first.output_tokens, first.estimated) == ("a:two", 100, 10, False)
    assert (second.model, second.input_tokens, second.output_tokens, second.estimated) == ("a:one", 200, 20, False)
    assert first.cost == Cost(amount="0.0012", currency="USD")
    assert {entry.conversation_id for entry in (first, second)} == {visit.conversation_id}


async def test_a_run_whose_model_has_no_price_has_no_cost(world: World) -> None:
    _, claim = await world.asked()
    end = Finished(reason=StopReason.END, input_tokens=1, output_tokens=1)
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("Hello."), end]))

    assert run.usage == Usage(input_tokens=1, output_tokens=1)
    assert [entry.cost for entry in entries_of(world, run)] == [None]


async def test_a_count_that_the_model_does_not_tell_is_estimated(world: World) -> None:
    _, claim = await world.asked()
    told = [replace(TOOLS, input_tokens=10, output_tokens=1), replace(END, input_tokens=12)]
    run = await world.reply(claim, ScriptedLanguageModel([CALL, told[0]], [TextDelta("Nothing yet."), told[1]]))

    assert run.usage == Usage(input_tokens=22, output_tokens=1 + 3, estimated=True)
    assert [entry.estimated for entry in entries_of(world, run)] == [False, True]


async def test_the_day_of_a_call_is_that_of_the_business(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"timezone": "Pacific/Auckland"})
    late = datetime(2027, 1, 31, 22, tzinfo=UTC)
    world.clock.advance(late - world.clock.now())
    await world.say(await world.visit("ada"))
    run = await world.reply(await world.claim(), ScriptedLanguageModel(saying("Hello.")))

    assert [entry.day for entry in entries_of(world, run)] == [date(2027, 2, 1)]


async def test_an_address_is_known_to_the_ledger_by_its_origin_alone(world: World) -> None:
    visit = await world.visit()
    run = world.run_for(await world.say(visit, address="203.0.113.9"))
    origin = world.origins.of("203.0.113.9", run.workspace_id)
    assert run.origin == origin
    ended = await world.reply(await world.claim(), ScriptedLanguageModel(saying("Hello.")))

    assert ended.origin is None
    assert [entry.origin for entry in entries_of(world, run)] == [origin]


async def test_a_call_is_reserved_while_it_is_made(world: World) -> None:
    _, claim = await world.asked()
    seen: list[UsageEntry] = []

    async def look() -> None:
        seen.extend(entries_of(world, world.run_of(claim)))

    await world.reply(claim, ActingLanguageModel(ScriptedLanguageModel(saying("Hello.")), {"Hello.": look}))

    (reserved,) = seen
    assert (reserved.output_tokens, reserved.estimated) == (ANSWER_TOKENS, True)
    assert reserved.input_tokens > 100


async def test_the_reservation_of_a_worker_that_died_stays(world: World) -> None:
    _, claim = await world.asked()
    await world.crash_after(claim, "Half an")
    run = await world.reply(await world.claim(), ScriptedLanguageModel(saying("A whole answer.")))

    died, answered = entries_of(world, run)
    assert died.output_tokens == ANSWER_TOKENS
    assert answered.output_tokens == 4


@pytest.mark.parametrize("error", [ModelUnavailable(), ModelTimeout(), ModelRefused(), TimeoutError()], ids=repr)
async def test_a_call_that_breaks_off_counts_what_was_seen_of_it(world: World, error: Exception) -> None:
    _, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("It costs "), error]))

    (entry,) = entries_of(world, run)
    assert run.status is RunStatus.FAILED
    assert (entry.output_tokens, entry.estimated) == (3, True)
    assert entry.input_tokens > 100
    assert run.usage == Usage(input_tokens=entry.input_tokens, output_tokens=3, estimated=True)


async def test_a_cancelled_call_counts_what_was_seen_of_it(world: World) -> None:
    _, claim = await world.asked()
    progress = MemoryJobProgress()
    progress.cancel()
    run = await world.reply(claim, ScriptedLanguageModel([asyncio.Event()]), progress)

    (entry,) = entries_of(world, run)
    assert entry.input_tokens > 100
    assert entry.output_tokens == 0


@pytest.mark.parametrize("error", [ModelUnavailable(), ModelMisconfigured(), ModelRefused()], ids=repr)
async def test_a_call_that_is_turned_away_costs_nothing(world: World, error: ModelError) -> None:
    _, claim = await world.asked()
    run = await world.reply(
        claim, ScriptedLanguageModel([CALL, replace(TOOLS, input_tokens=7, output_tokens=1)], [error])
    )

    assert run.status is RunStatus.FAILED
    assert [entry.tokens for entry in entries_of(world, run)] == [8, 0]
    assert run.usage
    assert (run.usage.input_tokens, run.usage.output_tokens) == (7, 1)


async def test_a_call_that_is_left_waiting_counts_what_was_asked(world: World) -> None:
    _, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([ModelTimeout()]))

    (entry,) = entries_of(world, run)
    assert entry.input_tokens > 100


async def test_a_reply_that_breaks_off_names_the_model_that_said_it(world: World) -> None:
    _, claim = await world.asked()
    error = ModelUnavailable("It died.")
    error.model = "a:two"
    run = await reply(world, claim, ScriptedLanguageModel([TextDelta("It costs "), error], name="a:one"))

    assert run.model == "a:two"
    assert [entry.model for entry in entries_of(world, run)] == ["a:two"]


async def test_a_model_that_said_nothing_is_not_named_as_the_one_that_answered(world: World) -> None:
    _, claim = await world.asked()
    error = ModelUnavailable("It is down.")
    error.model = "a:two"
    tools = Finished(reason=StopReason.TOOLS, model="a:one")
    script = ScriptedLanguageModel([TextDelta("Let me see. "), CALL, tools], [error], name="a:zero")
    run = await reply(world, claim, script)

    assert (run.model, run.text) == ("a:one", "Let me see. ")


async def test_what_was_used_outlives_the_conversation(world: World) -> None:
    visit, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel(saying("Hello.")))
    world.clock.advance(timedelta(seconds=1))
    await EraseConversation(world.begin, world.log, world.clock)(visit.caller, visit.conversation_id)

    assert not world.store.runs.rows
    assert len(entries_of(world, run)) == 1
