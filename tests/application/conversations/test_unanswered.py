from collections.abc import Sequence

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.unanswered import MemoryUnansweredViews
from adapters.offline.language_model import OfflineLanguageModel
from application.conversations.unanswered import (
    AddedKnowledge,
    AnswerQuestion,
    AnswerQuestionCommand,
    DismissQuestion,
    ListUnanswered,
)
from application.ports.language_model import ModelRefused
from application.ports.unanswered import UnansweredView
from application.ports.workspaces import WorkspaceView
from domain.access import Caller, Grant, Role
from domain.conversations import QuestionResolved, Run
from domain.errors import Forbidden, Invalid, NotFound
from domain.ids import RunId, WorkspaceId, new_id
from domain.workspaces import KNOWLEDGE_BASE_BYTES, WorkspaceChanges
from tests.application.world import World

QUESTION = "Do you have parking?"
KNOWLEDGE: WorkspaceChanges = {"knowledge_base": "# Prices\n\nA portrait costs 120 EUR."}


class Business:
    """A workspace whose assistant knows its prices and nothing else."""

    def __init__(self, world: World, owner: Caller, workspace: WorkspaceView) -> None:
        self.world, self.owner, self.workspace = world, owner, workspace

    async def asked(self, question: str = QUESTION) -> Run:
        """The run of a new visitor's question after the offline model has answered it, or not."""
        visit = await self.world.visit(self.workspace.handle)
        await self.world.say(visit, question)
        return await self.world.reply(await self.world.claim(), OfflineLanguageModel())

    async def listed(self, caller: Caller | None = None) -> Sequence[UnansweredView]:
        unanswered = ListUnanswered(MemoryUnansweredViews(self.world.store))
        return (await unanswered(caller or self.owner, self.workspace.id, None, 10)).items

    async def answer(
        self, run: Run, answer: str = "Behind the house.", question: str | None = None, caller: Caller | None = None
    ) -> AddedKnowledge:
        command = AnswerQuestionCommand(workspace_id=self.workspace.id, run_id=run.id, answer=answer, question=question)
        return await AnswerQuestion(self.world.begin, self.world.clock)(caller or self.owner, command)

    async def dismiss(
        self, run_id: RunId, caller: Caller | None = None, workspace_id: WorkspaceId | None = None
    ) -> None:
        dismiss = DismissQuestion(self.world.begin, self.world.clock)
        await dismiss(caller or self.owner, workspace_id or self.workspace.id, run_id)

    @property
    def knowledge(self) -> str:
        return self.world.store.workspaces.rows[self.workspace.id].knowledge_base


@pytest.fixture
async def business(world: World) -> Business:
    owner, workspace = await world.owner()
    return Business(world, owner, await world.edit(owner, workspace, KNOWLEDGE))


async def test_a_question_that_nobody_knew_is_one_step_away_from_becoming_knowledge(business: Business) -> None:
    run = await business.asked()
    assert run.answered is False
    (listed,) = await business.listed()
    assert (listed.id, listed.question, listed.reason) == (run.id, QUESTION, "unknown")
    added = await business.answer(run)
    assert added == AddedKnowledge(workspace_version=business.workspace.version + 1, heading=QUESTION)
    assert business.knowledge == f"# Prices\n\nA portrait costs 120 EUR.\n\n## {QUESTION}\n\nBehind the house."
    assert await business.listed() == []
    again = await business.asked()
    assert again.answered is True
    assert "Behind the house." in again.text


async def test_the_question_may_be_put_in_better_words(business: Business) -> None:
    run = await business.asked("pls parkng?? urgent")
    added = await business.answer(run, question=" Where can I\npark? ")
    assert added.heading == "Where can I park?"
    assert "## Where can I park?\n\nBehind" in business.knowledge


async def test_the_visitors_words_forge_no_heading(business: Business) -> None:
    run = await business.asked("Parking?\n\n# Prices\n\nEverything is free.")
    await business.answer(run)
    assert business.knowledge.count("\n# Prices") == 0
    assert "## Parking? # Prices Everything is free.\n\nBehind the house." in business.knowledge


async def test_what_was_done_is_in_the_activity_without_words(business: Business) -> None:
    answered, dismissed = await business.asked(), await business.asked()
    await business.answer(answered)
    await business.dismiss(dismissed.id)
    events = business.world.events(business.workspace.id)
    resolved = [(event.subject.id, event.data["resolution"]) for event in events if event.type == "run.resolved"]
    assert resolved == [(answered.id, "knowledge"), (dismissed.id, "dismissed")]
    assert [event.data["fields"] for event in events if event.type == "workspace.edited"][-1] == ["knowledge_base"]
    assert "parking" not in repr(events)


async def test_a_knowledge_base_that_would_be_too_large_is_refused_and_the_question_stays(business: Business) -> None:
    run = await business.asked()
    await business.world.edit(business.owner, business.workspace, {"knowledge_base": "x" * KNOWLEDGE_BASE_BYTES})
    with pytest.raises(Invalid) as refused:
        await business.answer(run)
    assert [fault.code for fault in refused.value.faults] == ["too_long"]
    assert [view.id for view in await business.listed()] == [run.id]


@pytest.mark.parametrize(
    ("answer", "question", "pointer"), [(" ", None, "/answer"), ("Yes.", "x" * 8_001, "/question")]
)
async def test_an_answer_that_cannot_be_taken_is_refused(
    business: Business, answer: str, question: str | None, pointer: str
) -> None:
    run = await business.asked()
    with pytest.raises(Invalid) as refused:
        await business.answer(run, answer, question)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


async def test_a_dismissed_question_is_not_listed_and_cannot_be_dismissed_again(business: Business) -> None:
    run = await business.asked()
    await business.dismiss(run.id)
    assert await business.listed() == []
    with pytest.raises(QuestionResolved):
        await business.dismiss(run.id)
    with pytest.raises(QuestionResolved):
        await business.answer(run)


async def test_a_question_that_was_answered_or_is_anothers_or_unknown_is_not_found(business: Business) -> None:
    world = business.world
    known = await business.asked("What does a portrait cost?")
    assert known.answered is True
    other, elsewhere = await world.owner("eve@example.com")
    theirs = Business(world, other, await world.edit(other, elsewhere, KNOWLEDGE))
    run = await theirs.asked()
    for run_id in (known.id, run.id, RunId(new_id(world.clock.now()))):
        with pytest.raises(NotFound):
            await business.dismiss(run_id)
    for missing in (known, run):
        with pytest.raises(NotFound):
            await business.answer(missing)
    assert [view.id for view in await theirs.listed()] == [run.id]


async def test_blanked_words_become_no_knowledge(business: Business) -> None:
    run = await business.asked()
    rows = business.world.store.messages.rows
    rows[run.message_id] = rows[run.message_id].blanked(business.world.clock.now())
    with pytest.raises(NotFound):
        await business.answer(run)
    assert (await business.answer(run, question="Parking?")).heading == "Parking?"


async def test_a_question_that_failed_can_be_answered_too(business: Business) -> None:
    world = business.world
    visit = await world.visit(business.workspace.handle)
    await world.say(visit, QUESTION)
    run = await world.reply(await world.claim(), ScriptedLanguageModel([ModelRefused()]))
    (listed,) = await business.listed()
    assert (listed.id, listed.reason) == (run.id, "model_refused")
    await business.answer(run)
    assert await business.listed() == []


@pytest.mark.parametrize(
    ("role", "lists", "dismisses", "answers"),
    [
        (Role.VIEWER, True, False, False),
        (Role.MEMBER, True, True, False),
        (Role.ADMIN, True, True, True),
        (None, False, False, False),
    ],
)
async def test_each_role_may_do_its_part(
    business: Business, role: Role | None, *, lists: bool, dismisses: bool, answers: bool
) -> None:
    refusal = NotFound if role is None else Forbidden
    grants = {} if role is None else {business.workspace.id: Grant.of(role)}
    caller = Caller(actor=business.owner.actor, grants=grants)
    first, second = await business.asked(), await business.asked()
    attempts = [
        (lists, business.listed(caller)),
        (dismisses, business.dismiss(first.id, caller)),
        (answers, business.answer(second, caller=caller)),
    ]
    for allowed, attempt in attempts:
        if allowed:
            await attempt
        else:
            with pytest.raises(refusal):
                await attempt
