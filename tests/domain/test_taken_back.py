import pytest

from domain.memories.taken_back import TakenBack


@pytest.mark.parametrize(
    "wish",
    [
        "Forget that.",
        "Please forget what I just told you.",
        "Forget that I live in Brno.",
        "Could you please delete the fact that I live in Brno? I should have kept that for myself.",
        "Vergiss das bitte.",
    ],
)
def test_a_wish_takes_back_what_was_said_last_or_what_it_names(wish: str) -> None:
    assert TakenBack.by([wish], "en").holds("I live in Brno.")


@pytest.mark.parametrize(
    "later",
    [
        [],
        ["I prefer tea."],
        ["Forget that my dog is called Rex."],
        ["Do you like tea?", "Forget that."],
        ["", "Forget that."],
    ],
)
def test_what_nothing_names_and_what_was_not_said_last_stays(later: list[str]) -> None:
    assert not TakenBack.by(later, "en").holds("I live in Brno.")


def test_what_is_named_later_is_taken_back_whatever_was_said_in_between() -> None:
    assert TakenBack.by(["I prefer tea.", "Forget that I live in Brno."], "en").holds("I live in Brno.")
