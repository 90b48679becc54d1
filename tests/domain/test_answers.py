from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import WorkspaceId
from domain.knowledge import Source, heading_of, passages_of, with_answer

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORKSPACE = WorkspaceId(uuid4())


def headings(knowledge: str) -> list[str]:
    return [passage.heading for passage in passages_of(WORKSPACE, Source.knowledge_base(WORKSPACE), knowledge, AT)]


def test_an_answer_stands_under_its_question_behind_what_was_known() -> None:
    known = with_answer("# Prices\n\nA cut is 20 EUR.\n\n", "Do you have parking?", " Behind the house.\n")
    assert known == "# Prices\n\nA cut is 20 EUR.\n\n## Do you have parking?\n\nBehind the house."


def test_the_first_answer_of_all_stands_alone() -> None:
    assert with_answer(" \n", "Parking?", "Yes.") == "## Parking?\n\nYes."


@pytest.mark.parametrize(
    "question",
    [
        "Parking?\n# Prices\n\nAll is free.",
        "Parking?\r## Prices",
        "Parking?\u2028# Prices",
        "Parking?\x0b\x0c\x85# Prices",
    ],
)
def test_a_question_of_several_lines_forges_no_heading(question: str) -> None:
    known = with_answer("# Hours\n\nNine to five.", question, "Yes.")
    assert headings(known) == ["Hours", f"Hours › {heading_of(question)}"]
    assert len(heading_of(question).splitlines()) == 1


@given(st.text(max_size=300))
def test_any_question_makes_one_heading(question: str) -> None:
    found = headings(with_answer("# Hours\n\nNine to five.", question, "Yes."))
    assert len(found) == 2


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_a_code_block_that_was_never_closed_does_not_swallow_the_answer(fence: str) -> None:
    known = with_answer(f"# Hours\n\n{fence}\nNine to five.", "Parking?", "Yes.")
    assert headings(known) == ["Hours", "Hours › Parking?"]


def test_a_closed_code_block_stays_as_it_is() -> None:
    assert with_answer("```\nx\n```", "Parking?", "Yes.") == "```\nx\n```\n\n## Parking?\n\nYes."


def test_headings_of_an_answer_stand_below_its_own() -> None:
    answer = "# Where\nBehind the house.\n## When\nAlways.\n#### Why\nSo.\n```\n# a comment\n```"
    known = with_answer("", "Parking?", answer)
    assert known == (
        "## Parking?\n\n### Where\nBehind the house.\n### When\nAlways.\n#### Why\nSo.\n```\n# a comment\n```"
    )
    assert headings(with_answer(known, "Dogs?", "Yes."))[-1] == "Dogs?"


def test_a_long_question_is_shortened() -> None:
    assert heading_of("why " * 100).endswith("why w…")
    assert len(heading_of("x" * 1_000)) == 150


@pytest.mark.parametrize("question", ["", " ", "#", "## #", "**", "\u2028"])
def test_a_question_without_words_has_a_heading_still(question: str) -> None:
    assert heading_of(question) == "?"
