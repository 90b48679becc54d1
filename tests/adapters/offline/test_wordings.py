import tomllib
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import pytest

from tests.adapters.offline.demo import ask_demo
from tests.questions import REFUSAL


class Wording(TypedDict):
    ask: str
    begins: NotRequired[str]
    expect: NotRequired[list[str]]
    lacks: NotRequired[list[str]]


WORDINGS = cast(
    "list[Wording]", tomllib.loads(Path(__file__).with_name("wordings.toml").read_text(encoding="utf-8"))["question"]
)


@pytest.mark.parametrize("wording", [row for row in WORDINGS if "expect" in row], ids=lambda row: row["ask"])
async def test_a_loosely_worded_question_is_answered_with_all_that_it_asks_for(wording: Wording) -> None:
    answer = await ask_demo(wording["ask"], everything=True)

    assert answer.startswith(wording.get("begins", ""))
    assert [part for part in wording.get("expect", []) if part not in answer] == [], answer
    assert [part for part in wording.get("lacks", []) if part in answer] == [], answer


@pytest.mark.parametrize("everything", [False, True], ids=["with the best passages", "with all passages"])
@pytest.mark.parametrize("wording", [row for row in WORDINGS if "expect" not in row], ids=lambda row: row["ask"])
async def test_a_loosely_worded_question_is_refused_when_a_part_of_it_has_no_answer(
    wording: Wording, *, everything: bool
) -> None:
    assert (await ask_demo(wording["ask"], everything=everything)).startswith(REFUSAL)
