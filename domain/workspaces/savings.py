from dataclasses import dataclass
from typing import TypedDict

from domain.errors import Fault, Invalid

_MOST_MINUTES = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """How many minutes of people's time the assistant saves with a question it answers, and with a way to book."""

    minutes_per_answer: int = 3
    minutes_per_booking: int = 5

    def minutes(self, *, answered: bool, booking_links: int) -> int:
        """The minutes that a reply saves."""
        return answered * self.minutes_per_answer + booking_links * self.minutes_per_booking


class SavingsChanges(TypedDict, total=False):
    """The fields of `Savings` to change; None restores a default."""

    minutes_per_answer: int | None
    minutes_per_booking: int | None


def minutes_per_answer(value: int | None) -> int:
    """`value`, or the default.

    Raises:
        Invalid: it is not 0 to 480.
    """
    return _minutes(Savings().minutes_per_answer if value is None else value, "minutes_per_answer")


def minutes_per_booking(value: int | None) -> int:
    """As `minutes_per_answer`."""
    return _minutes(Savings().minutes_per_booking if value is None else value, "minutes_per_booking")


def _minutes(value: int, name: str) -> int:
    if not 0 <= value <= _MOST_MINUTES:
        raise Invalid(Fault(f"/savings/{name}", "out_of_range", f"Minutes are 0 to {_MOST_MINUTES}."))
    return value
