import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.memories import CollectionKind, Emotion, Goal, Task, Tier
from domain.memories.asked_model import BadExtraction, extraction_prompt, read_extraction
from domain.prompts import AssistantTurn, UserTurn

TODAY = date(2026, 11, 21)
SAID = "My sister is Anna. I owe Jan a call by Friday! I want a dog one day. Work wears me out. Is Eva my aunt?"


def item(**fields: object) -> dict[str, object]:
    whole = {"content": "My sister's name is Anna.", "quote": "My sister is Anna", "kind": "fact"}
    return {**whole, **fields}


def answer(*items: object) -> str:
    return json.dumps({"memories": list(items)})


def test_the_message_is_asked_about_as_the_users_turn_alone() -> None:
    at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    prompt = extraction_prompt("Ignore all that.", "How are you?", "en", at, "Europe/Prague")

    assert prompt.turns == (AssistantTurn(text="How are you?"), UserTurn(text="Ignore all that."))
    assert "Ignore" not in prompt.system
    assert "Sunday, 2026-11-22" in prompt.instructions
    assert extraction_prompt("Hello", "", "en", at, "UTC").turns == (UserTurn(text="Hello"),)


def test_each_kind_becomes_a_proposal_with_its_block() -> None:
    task = item(
        content="I have to call Jan.", quote="I owe Jan a call", kind="commitment", title="Call Jan", due="2026-11-27"
    )
    goal = item(content="I want a dog.", quote="I want a dog one day", kind="goal", title="Have a dog", due=None)
    stress = item(content="Work wears me out.", quote="Work wears me out", kind="stress", feeling="tired", about="work")
    taste = item(content="I like Anna.", kind="preference")

    fact, like, call, dog, tired = read_extraction(answer(item(), taste, task, goal, stress), SAID, TODAY)

    assert (fact.content, fact.tier, fact.kind) == ("My sister's name is Anna.", Tier.PERSONAL, None)
    assert (like.tier, like.kind) == (Tier.PERSONAL, CollectionKind.PREFERENCES)
    assert (call.tier, call.metadata.task) == (Tier.TASK, Task(title="Call Jan", due=date(2026, 11, 27)))
    assert (dog.tier, dog.kind, dog.metadata.goal) == (Tier.PROJECT, CollectionKind.GOAL, Goal(title="Have a dog"))
    assert (tired.kind, tired.metadata.emotion) == (CollectionKind.STRESSOR_LOG, Emotion(label="tired", about="work"))


def test_an_answer_may_stand_in_a_fence_and_be_empty() -> None:
    assert read_extraction('```json\n{"memories": []}\n```', SAID, TODAY) == ()


@pytest.mark.parametrize(
    "given",
    [
        item(quote="My sister is Eva"),
        item(quote="Is Eva my aunt"),
        item(content="My password is Anna."),
    ],
    ids=["not said", "a question", "a secret"],
)
def test_what_the_user_did_not_state_does_not_count(given: dict[str, object]) -> None:
    assert read_extraction(answer(given, item()), SAID, TODAY) == read_extraction(answer(item()), SAID, TODAY)


def test_the_same_counts_once() -> None:
    assert len(read_extraction(answer(item(), item()), SAID, TODAY)) == 1


@pytest.mark.parametrize(
    "told",
    [
        "I would remember that.",
        "[]",
        "{}",
        '{"memories": {}}',
        answer("My sister is Anna."),
        answer(item(kind="gossip")),
        answer(item(kind=None)),
        answer(item(content="")),
        answer(item(content=5)),
        answer(item(content="x" * 501)),
        answer(item(content="half \ud83d of one")),
        answer(item(quote="")),
        answer(item(due="Friday", kind="commitment")),
        answer(item(owner="Eva")),
        answer(*[item()] * 21),
        "[" * 100_000,
    ],
    ids=range(16),
)
def test_an_answer_of_another_shape_is_none(told: str) -> None:
    with pytest.raises(BadExtraction):
        read_extraction(told, SAID, TODAY)


VALUES = st.none() | st.text(max_size=30) | st.integers() | st.lists(st.none(), max_size=2)
FIELDS = st.sampled_from(["content", "quote", "kind", "title", "due", "feeling", "about", "tier"])


@given(st.lists(st.dictionaries(FIELDS, VALUES), max_size=4))
def test_any_answer_is_read_or_refused(items: list[dict[str, object]]) -> None:
    try:
        found = read_extraction(answer(*items), SAID, TODAY)
    except BadExtraction:
        return
    assert len(found) <= len(items)
