import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import Unpack

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from application.ports.activity import ActivityView
from application.ports.language_model import ModelEvent, TextDelta
from application.ports.workspaces import WorkspaceView
from domain.access import Caller
from domain.conversations import ConversationStatus, MessageStatus, Run, RunErrorCode, RunStatus
from domain.jobs import Claim
from domain.prompts import ToolCall
from domain.workspaces import LimitsChanges
from tests.application.conversations.script import END, TOOLS, log_of, saying
from tests.application.doubles import ActingLanguageModel
from tests.application.world import Visit, World, job_of

SENTENCE = "I have reached my limit for now. I have passed your message on: a person will answer here."
SPENDING = replace(END, input_tokens=600, output_tokens=400)


def hello(end: ModelEvent = SPENDING) -> ScriptedLanguageModel:
    return ScriptedLanguageModel([TextDelta("Hello."), end])


class Business:
    """A workspace with limits, and visitors who ask it."""

    def __init__(self, world: World, owner: Caller, workspace: WorkspaceView) -> None:
        self.world = world
        self.owner = owner
        self.workspace = workspace

    async def limit(self, **limits: Unpack[LimitsChanges]) -> None:
        await self.world.edit(self.owner, self.workspace, {"limits": limits})

    async def ask(
        self, visit: Visit | None = None, model: ScriptedLanguageModel | None = None, address: str | None = None
    ) -> Run:
        """The run that answers the visitor, a new one if none is given."""
        visit = visit or await self.visit()
        await self.world.say(visit, address=address)
        claim = await self.world.claim()
        await self.world.generator(model or hello())(job_of(claim), claim, MemoryJobProgress())
        return self.world.run_of(claim)

    async def visit(self) -> Visit:
        return await self.world.visit(self.workspace.handle)

    @property
    def reached(self) -> list[ActivityView]:
        return [event for event in self.world.events(self.workspace.id) if event.type == "limit.reached"]

    def told(self) -> list[Any]:
        return [(event.data["limit"], event.data["tokens"], event.data["spent"]) for event in self.reached]


@pytest.fixture
async def business(world: World) -> Business:
    owner, workspace = await world.owner()
    return Business(world, owner, workspace)


async def test_at_the_limit_the_assistant_says_so_and_has_a_person_answer(world: World, business: Business) -> None:
    await business.limit(tokens_per_day=0)
    visit, model = await business.visit(), ScriptedLanguageModel()
    await world.say(visit)
    claim = await world.claim()
    run = await world.reply(claim, model)

    assert model.prompts == []
    assert (run.status, run.error, run.text) == (RunStatus.FAILED, RunErrorCode.LIMIT_REACHED, SENTENCE)
    assert await log_of(world, claim) == ["start 1", f"0:{SENTENCE}", f"limit_reached:{SENTENCE}"]
    assert world.store.messages.rows[run.reply_message_id].status is MessageStatus.PARTIAL
    assert world.said(visit) == ["Hello?", SENTENCE]
    conversation = world.store.conversations.rows[visit.conversation_id]
    assert conversation.waiting_since == world.clock.now()
    assert conversation.unanswered_since is not None
    assert world.happened()[-3:] == ["conversation.person_requested", "limit.reached", "run.failed"]
    assert not world.store.usage_entries.rows


@pytest.mark.parametrize(("language", "begins"), [("cs", "Pro tuto chvíli"), ("de-AT", "Ich habe"), ("ja", "I have")])
async def test_it_says_so_in_the_language_of_the_business(business: Business, language: str, begins: str) -> None:
    await business.world.edit(business.owner, business.workspace, {"language": language})
    await business.limit(tokens_per_day=0)

    assert (await business.ask()).text.startswith(begins)


async def test_the_limit_of_a_day_is_overspent_by_one_call_and_ends_with_the_day(
    world: World, business: Business
) -> None:
    await business.limit(tokens_per_day=1_500)
    runs = [await business.ask() for _ in range(4)]
    world.clock.advance(timedelta(days=1))
    runs.append(await business.ask())

    failed = RunErrorCode.LIMIT_REACHED
    assert [run.error for run in runs] == [None, None, failed, failed, None]
    assert business.told() == [("day", 1_500, 2_000)]
    assert business.reached[0].subject.type == "workspace"


async def test_the_limit_of_a_conversation_leaves_others_alone(world: World, business: Business) -> None:
    await business.limit(tokens_per_conversation=1_000)
    visit = await business.visit()
    runs = [await business.ask(visit) for _ in range(3)]
    world.clock.advance(timedelta(days=1))
    runs.append(await business.ask())

    failed = RunErrorCode.LIMIT_REACHED
    assert [run.error for run in runs] == [None, failed, failed, None]
    assert business.told() == [("conversation", 1_000, 1_000)]
    assert business.reached[0].subject.id == visit.conversation_id


async def test_the_limit_of_a_visitor_is_that_of_all_their_conversations(business: Business) -> None:
    await business.limit(tokens_per_visitor=1_000)
    first, other = "203.0.113.9", "203.0.113.8"
    runs = [await business.ask(address=address) for address in (first, first, other, None, None)]

    assert [run.error for run in runs] == [None, RunErrorCode.LIMIT_REACHED, None, None, None]
    assert business.told() == [("visitor", 1_000, 1_000)]
    assert first not in repr(business.reached)


async def test_calls_that_are_being_made_count(world: World, business: Business) -> None:
    await business.limit(tokens_per_day=1_000)
    await world.say(await business.visit())
    claim, meanwhile = await world.claim(), list[Run]()

    async def ask() -> None:
        meanwhile.append(await business.ask())

    await world.reply(claim, ActingLanguageModel(ScriptedLanguageModel(saying("Hello.")), {"Hello.": ask}))

    assert meanwhile[0].error is RunErrorCode.LIMIT_REACHED
    assert world.run_of(claim).status is RunStatus.COMPLETED


async def test_a_raised_limit_lets_it_answer_again(business: Business) -> None:
    await business.limit(tokens_per_day=1_000)
    before = [(await business.ask()).error for _ in range(2)]
    await business.limit(tokens_per_day=1_001)

    assert before == [None, RunErrorCode.LIMIT_REACHED]
    assert (await business.ask()).text == "Hello."


async def test_without_limits_nothing_stops_it(business: Business) -> None:
    await business.limit(tokens_per_day=None, tokens_per_conversation=None, tokens_per_visitor=None)
    much = replace(END, input_tokens=10**9, output_tokens=0)
    visit = await business.visit()
    runs = [await business.ask(visit, hello(much), address="203.0.113.9") for _ in range(2)]

    assert [run.text for run in runs] == ["Hello."] * 2


async def test_what_was_said_before_the_limit_struck_stays_in_front(world: World, business: Business) -> None:
    await business.limit(tokens_per_conversation=50)
    call = ToolCall(id="a", tool="list_services", args={})
    tools = replace(TOOLS, input_tokens=40, output_tokens=10)
    visit = await business.visit()
    run = await business.ask(visit, ScriptedLanguageModel([TextDelta("Let me look."), call, tools]))

    assert run.error is RunErrorCode.LIMIT_REACHED
    assert world.said(visit)[1] == run.text == f"Let me look.\n\n{SENTENCE}"
    assert len(run.steps) == 1
    assert [entry.tokens for entry in world.store.usage_entries.rows.values()] == [50]


async def test_a_person_who_was_asked_for_before_is_not_asked_for_again(world: World, business: Business) -> None:
    await business.limit(tokens_per_day=0)
    visit = await business.visit()
    for _ in range(2):
        await business.ask(visit)

    assert world.happened().count("conversation.person_requested") == 1
    assert world.said(visit) == ["Hello?", SENTENCE] * 2


async def test_a_conversation_closed_meanwhile_gets_its_last_words(world: World, business: Business) -> None:
    await business.limit(tokens_per_day=0)
    visit = await business.visit()
    await world.say(visit)
    rows = world.store.conversations.rows
    rows[visit.conversation_id] = replace(
        rows[visit.conversation_id], status=ConversationStatus.CLOSED, closed_at=world.clock.now()
    )
    run = await world.reply(await world.claim(), ScriptedLanguageModel())

    assert run.error is RunErrorCode.LIMIT_REACHED
    assert rows[visit.conversation_id].waiting_since is None
    assert len(business.reached) == 1


async def test_of_replies_made_at_once_one_overspends(world: World, business: Business) -> None:
    await business.limit(tokens_per_day=1)
    claims: list[Claim] = []
    for _ in range(10):
        await world.say(await business.visit())
        claims.append(await world.claim())
    async with asyncio.TaskGroup() as group:
        for claim in claims:
            group.create_task(world.generator(hello())(job_of(claim), claim, MemoryJobProgress()))

    errors = [world.run_of(claim).error for claim in claims]
    assert sorted(errors, key=str) == [None, *[RunErrorCode.LIMIT_REACHED] * 9]
    assert len(business.reached) == 1
