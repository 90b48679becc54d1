from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.prompts import AssistantTurn, ToolCall, ToolTurn, Turn, UserTurn
from domain.transcript import NO_WORDS, PartialCall, arguments, tool_calls, transcript


def call(identifier: str, tool: str = "look") -> ToolCall:
    return ToolCall(id=identifier, tool=tool, args={})


def result(identifier: str, output: str = "1") -> ToolTurn:
    return ToolTurn(call_id=identifier, tool="look", output=output)


def test_a_conversation_that_alternates_is_left_as_it_is() -> None:
    turns = (UserTurn(text="Hi."), AssistantTurn(text="Hello."), UserTurn(text="When?"))

    assert transcript(turns) == turns


def test_neighbours_of_one_kind_are_one() -> None:
    turns: list[Turn] = [
        UserTurn(text="Hi."),
        UserTurn(text="You?"),
        AssistantTurn(text="Yes."),
        AssistantTurn(text="Me."),
        UserTurn(text="Good."),
    ]

    assert transcript(turns) == (
        UserTurn(text="Hi.\n\nYou?"),
        AssistantTurn(text="Yes.\n\nMe."),
        UserTurn(text="Good."),
    )


def test_the_assistant_never_has_the_last_word() -> None:
    assert transcript([UserTurn(text="Hi."), AssistantTurn(text="Hello.")]) == (
        UserTurn(text="Hi."),
        AssistantTurn(text="Hello."),
        UserTurn(text=NO_WORDS),
    )


def test_an_assistant_that_spoke_first_answers_the_user_all_the_same() -> None:
    assert transcript([AssistantTurn(text="Hello."), UserTurn(text="Hi.")]) == (
        UserTurn(text=NO_WORDS),
        AssistantTurn(text="Hello."),
        UserTurn(text="Hi."),
    )


def test_blank_turns_are_left_out_or_filled() -> None:
    assert transcript([UserTurn(text=" "), AssistantTurn(text="\n"), UserTurn(text="Hi.")]) == (
        UserTurn(text=f"{NO_WORDS}\n\nHi."),
    )


def test_calls_are_numbered_over_the_whole_and_results_follow_them() -> None:
    turns: list[Turn] = [
        UserTurn(text="Hi."),
        AssistantTurn(text="", calls=(call("a"), call("a"))),
        result("a", "first"),
        result("a", "second"),
        AssistantTurn(text="And.", calls=(call("a"),)),
        result("a", "third"),
    ]

    told = transcript(turns)

    assert [turn.calls for turn in told if isinstance(turn, AssistantTurn)] == [
        (call("call_1"), call("call_2")),
        (call("call_3"),),
    ]
    assert [(turn.call_id, turn.output) for turn in told if isinstance(turn, ToolTurn)] == [
        ("call_1", "first"),
        ("call_2", "second"),
        ("call_3", "third"),
    ]


def test_a_result_that_no_call_asked_for_is_left_out() -> None:
    assert transcript([UserTurn(text="Hi."), result("a")]) == (UserTurn(text="Hi."),)


TURNS = st.one_of(
    st.builds(UserTurn, text=st.text(max_size=3)),
    st.builds(
        AssistantTurn,
        text=st.text(max_size=3),
        calls=st.lists(st.sampled_from("ab").map(call), max_size=2).map(tuple),
    ),
    st.sampled_from("ab").map(result),
)


@given(st.lists(TURNS))
def test_any_conversation_becomes_one_that_servers_take(turns: list[Turn]) -> None:
    told = transcript(turns)

    assert not told or isinstance(told[0], UserTurn)
    assert not told or not isinstance(told[-1], AssistantTurn) or told[-1].calls
    for before, turn in pairwise(told):
        assert type(before) is not type(turn) or isinstance(turn, ToolTurn)
    assert all(turn.text.strip() for turn in told if isinstance(turn, UserTurn))
    assert all(turn.text.strip() or turn.calls for turn in told if isinstance(turn, AssistantTurn))
    ids = [call.id for turn in told if isinstance(turn, AssistantTurn) for call in turn.calls]
    answered = [turn.call_id for turn in told if isinstance(turn, ToolTurn)]
    assert ids == [f"call_{number}" for number in range(1, len(ids) + 1)]
    assert len(set(answered)) == len(answered)
    assert set(answered) <= set(ids)


def test_calls_of_tools_that_were_not_offered_are_left_out() -> None:
    partial = [PartialCall(id="a", tool="look"), PartialCall(id="b", tool="break")]

    assert tool_calls(partial, {"look"}) == (call("a"),)


@pytest.mark.parametrize("ids", [["", ""], ["a", "a"], ["call_2", ""], ["", "call_1"], ["call_3", "", "call_3"]])
def test_calls_have_ids_of_their_own(ids: list[str]) -> None:
    found = [made.id for made in tool_calls([PartialCall(id=i, tool="look") for i in ids], {"look"})]

    assert len(set(found)) == len(ids)
    assert all(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1]}', {"a": [1]}),
        ("", {}),
        (" \n", {}),
        ("[1]", None),
        ("null", None),
        ('"a"', None),
        ('{"a": 1', None),
        ("[" * 100_000, None),
        (f'{{"a": {"1" * 5000}}}', None),
    ],
)
def test_arguments_are_a_json_object_or_none(text: str, value: object) -> None:
    assert arguments(text) == value
