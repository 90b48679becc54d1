from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import ASSISTANT
from domain.conversations.phrases import limit_reached
from domain.ids import ConversationId, PassageId, RunId, UsageEntryId, WorkspaceId
from domain.knowledge import Passage, Source
from domain.pricing import Cost
from domain.prompts import AssistantTurn, Prompt, Tool, ToolCall, ToolTurn, UserTurn
from domain.usage import (
    Limit,
    LimitReached,
    ReachedLimit,
    Spent,
    UsageEntry,
    UsageSum,
    day_of,
    limited,
    prompt_tokens,
    reached,
    scope_of,
    tokens_in,
)
from domain.workspaces import WorkspaceLimits

AT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
ENTRY = UsageEntry(
    id=UsageEntryId(uuid4()),
    workspace_id=WorkspaceId(uuid4()),
    day=date(2026, 11, 21),
    conversation_id=ConversationId(uuid4()),
    run_id=RunId(uuid4()),
    model="a:one",
    input_tokens=80,
    output_tokens=20,
    cost=Cost(amount="0.1", currency="EUR"),
    estimated=True,
    origin=b"\x01" * 32,
    at=AT,
)
NO_LIMITS = WorkspaceLimits(tokens_per_conversation=None, tokens_per_visitor=None)
PROMPT = Prompt(version="v", language="en", instructions="", passages=(), turns=())
TOOL = Tool(name="search", description="Search it.", parameters={"type": "object"})


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("x" * 400, 100), ("日本語", 3), ("日本 ab", 3)]
)
def test_a_token_is_four_characters_or_one_of_a_script_without_spaces(text: str, tokens: int) -> None:
    assert tokens_in(text) == tokens


@given(first=st.text(max_size=200), second=st.text(max_size=200))
def test_more_text_never_has_fewer_tokens(first: str, second: str) -> None:
    assert tokens_in(first) <= tokens_in(first + second) <= tokens_in(first) + tokens_in(second)


def a_passage(text: str) -> Passage:
    return Passage(
        id=PassageId(uuid4()),
        workspace_id=ENTRY.workspace_id,
        source=Source.knowledge_base(ENTRY.workspace_id),
        position=0,
        heading="",
        text=text,
        start=0,
        end=len(text),
    )


@pytest.mark.parametrize(
    "more",
    [
        {"instructions": "x" * 400},
        {"passages": (a_passage("x" * 400),)},
        {"turns": (UserTurn(text="x" * 400),)},
        {"turns": (AssistantTurn(text="x" * 400),)},
        {"turns": (AssistantTurn(text="", calls=(ToolCall(id="1", tool="search", args={"query": "x" * 400}),)),)},
        {"turns": (ToolTurn(call_id="1", tool="search", output="x" * 400),)},
    ],
    ids=["instructions", "passages", "user", "assistant", "calls", "results"],
)
def test_all_that_a_model_reads_counts(more: dict[str, Any]) -> None:
    assert 100 <= prompt_tokens(replace(PROMPT, **more), ()) - prompt_tokens(PROMPT, ()) <= 120


def test_the_tools_that_are_offered_count() -> None:
    described = replace(TOOL, description="x" * 400)
    assert prompt_tokens(PROMPT, [described]) - prompt_tokens(PROMPT, []) >= 100


@pytest.mark.parametrize(
    ("timezone", "day"), [("UTC", 21), ("Pacific/Auckland", 22), ("America/Los_Angeles", 21), ("Europe/Prague", 22)]
)
def test_a_day_is_that_of_the_business(timezone: str, day: int) -> None:
    assert day_of(AT, timezone) == date(2026, 11, day)


@pytest.mark.parametrize(
    ("spent", "found"),
    [
        (Spent(), None),
        (Spent(day=99, conversation=49, visitor=69), None),
        (Spent(day=100), ReachedLimit(limit=Limit.DAY, tokens=100, spent=100)),
        (Spent(visitor=75), ReachedLimit(limit=Limit.VISITOR, tokens=70, spent=75)),
        (Spent(conversation=50), ReachedLimit(limit=Limit.CONVERSATION, tokens=50, spent=50)),
        (Spent(day=100, conversation=50, visitor=70), ReachedLimit(limit=Limit.DAY, tokens=100, spent=100)),
    ],
)
def test_the_widest_limit_that_is_reached_is_found(spent: Spent, found: ReachedLimit | None) -> None:
    limits = WorkspaceLimits(tokens_per_day=100, tokens_per_conversation=50, tokens_per_visitor=70)
    assert reached(limits, spent) == found


def test_a_limit_of_nothing_is_always_reached() -> None:
    assert reached(WorkspaceLimits(tokens_per_day=0), Spent())


def test_without_limits_none_is_reached() -> None:
    assert reached(NO_LIMITS, Spent(day=10**12, conversation=10**12, visitor=10**12)) is None
    assert limited(ENTRY, NO_LIMITS) == frozenset()


def test_whoever_has_no_origin_is_bound_by_no_limit_of_visitors() -> None:
    limits = WorkspaceLimits(tokens_per_day=1)
    assert limited(ENTRY, limits) == frozenset(Limit)
    assert limited(replace(ENTRY, origin=None), limits) == {Limit.DAY, Limit.CONVERSATION}


def test_each_limit_is_for_something_else() -> None:
    scopes = {limit: scope_of(ENTRY, limit) for limit in Limit}
    assert scopes == {
        Limit.DAY: b"",
        Limit.CONVERSATION: ENTRY.conversation_id.bytes,
        Limit.VISITOR: ENTRY.origin,
    }


def test_a_settled_entry_is_of_the_same_call() -> None:
    settled = ENTRY.settled("a:two", 7, 3, None, estimated=False)
    assert (settled.model, settled.tokens, settled.cost, settled.estimated) == ("a:two", 10, None, False)
    assert replace(settled, model="a:one", input_tokens=80, output_tokens=20, cost=ENTRY.cost, estimated=True) == ENTRY


def test_sums_add_up() -> None:
    unpriced = replace(ENTRY, cost=None, estimated=False)
    dollars = replace(ENTRY, cost=Cost(amount="2", currency="USD"))
    parts = [UsageSum.of(entry) for entry in (ENTRY, unpriced, dollars, ENTRY)]
    assert UsageSum.together(parts) == UsageSum(
        calls=4,
        estimated_calls=3,
        input_tokens=320,
        output_tokens=80,
        costs=(Cost(amount="0.2", currency="EUR"), Cost(amount="2", currency="USD")),
        unpriced_calls=1,
    )
    assert UsageSum.together([]) == UsageSum()


@pytest.mark.parametrize("limit", list(Limit))
def test_a_limit_is_told_without_who_reached_it(limit: Limit) -> None:
    event = LimitReached(
        workspace_id=ENTRY.workspace_id,
        actor=ASSISTANT,
        at=AT,
        conversation_id=ENTRY.conversation_id,
        limit=limit,
        tokens=100,
        spent=120,
    )
    where = "conversation" if limit is Limit.CONVERSATION else "workspace"
    assert (event.type, event.subject.type) == ("limit.reached", where)
    assert event.data == {
        "conversation_id": str(ENTRY.conversation_id),
        "limit": limit,
        "tokens": 100,
        "spent": 120,
    }


def test_the_assistant_speaks_six_languages_of_its_limit() -> None:
    said = {language: limit_reached(language) for language in ("en", "cs", "de", "es", "fr", "pt")}
    assert len(set(said.values())) == 6
    assert (limit_reached("pt-BR"), limit_reached("ja")) == (said["pt"], said["en"])


Calls = list[tuple[int, int]]


@given(
    limit=st.integers(0, 500),
    calls=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=30),
    random=st.randoms(use_true_random=False),
)
def test_what_is_used_never_exceeds_a_limit_by_more_than_one_call(limit: int, calls: Calls, random: Any) -> None:
    """Calls of any sizes begin and end in any order; each takes at most what was reserved for it."""
    limits = replace(NO_LIMITS, tokens_per_day=limit)
    counted: list[int] = []
    running: list[tuple[int, int]] = []
    for reserved, taken in calls:
        if running and random.random() < 0.5:
            index, took = running.pop(random.randrange(len(running)))
            counted[index] = took
        if reached(limits, Spent(day=sum(counted))) is None:
            running.append((len(counted), min(taken, reserved)))
            counted.append(reserved)
    for index, took in running:
        counted[index] = took

    assert sum(counted) <= limit + max((reserved for reserved, _ in calls), default=0)
