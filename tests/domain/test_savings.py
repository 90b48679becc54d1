from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.errors import Invalid
from domain.ids import UserId
from domain.workspaces import Handle, Savings, SavingsChanges, Workspace

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def edited(changes: SavingsChanges, before: Savings | None = None) -> Savings:
    workspace = Workspace.personal_of(UserId(uuid4()), "Ada", Handle("ada"), AT)
    if before is not None:
        workspace = workspace.edited(
            {
                "savings": {
                    "minutes_per_answer": before.minutes_per_answer,
                    "minutes_per_booking": before.minutes_per_booking,
                }
            },
            AT,
        )
    return workspace.edited({"savings": changes}, AT).savings


def test_an_answer_saves_three_minutes_and_a_way_to_book_five_unless_the_workspace_says_otherwise() -> None:
    assert edited({}) == Savings(minutes_per_answer=3, minutes_per_booking=5)
    assert edited({"minutes_per_answer": 0}) == Savings(minutes_per_answer=0, minutes_per_booking=5)
    assert edited({"minutes_per_booking": 480}) == Savings(minutes_per_answer=3, minutes_per_booking=480)


def test_null_restores_a_default() -> None:
    before = Savings(minutes_per_answer=10, minutes_per_booking=20)
    assert edited({"minutes_per_answer": None}, before) == Savings(minutes_per_answer=3, minutes_per_booking=20)
    assert edited({"minutes_per_booking": None}, before) == Savings(minutes_per_answer=10, minutes_per_booking=5)


@pytest.mark.parametrize("minutes", [-1, 481])
def test_minutes_out_of_range_are_refused_each_by_its_name(minutes: int) -> None:
    with pytest.raises(Invalid) as refused:
        edited({"minutes_per_answer": minutes, "minutes_per_booking": minutes})
    pointers = [fault.pointer for fault in refused.value.faults]
    assert pointers == ["/savings/minutes_per_answer", "/savings/minutes_per_booking"]


@pytest.mark.parametrize(
    ("answered", "booking_links", "minutes"), [(True, 0, 3), (True, 1, 8), (False, 1, 5), (False, 0, 0)]
)
def test_a_reply_saves_for_its_answer_and_its_way_to_book(*, answered: bool, booking_links: int, minutes: int) -> None:
    assert Savings().minutes(answered=answered, booking_links=booking_links) == minutes
