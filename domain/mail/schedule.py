"""When a letter goes out: at once, at the next working time, or never."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.mail.kinds import MailKind
from domain.mail.working_hours import WorkingHours

STALE_AFTER = timedelta(hours=24)
"""A visitor has not waited for so long: they went away, or somebody came."""
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPreferences:
    """What a user wants of mail.

    Attributes:
        off: the optional kinds they have switched off.
        working_hours: None is always.
    """

    off: frozenset[MailKind] = frozenset()
    working_hours: WorkingHours | None = None
    timezone: ZoneInfo = _UTC


class DropReason(StrEnum):
    """Why a letter is not sent."""

    SWITCHED_OFF = "switched_off"
    STALE = "stale"
    NO_RECIPIENT = "no_recipient"


@dataclass(frozen=True, slots=True)
class SendNow:
    """It goes out."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """It is looked at again at `at`, in UTC, when it may still be dropped."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    """It is not sent."""

    reason: DropReason


Decision = SendNow | WaitUntil | Drop


def decide(kind: MailKind, preferences: MailPreferences, *, since: datetime, now: datetime) -> Decision:
    """What becomes, at `now`, of a letter whose cause was at `since`.

    `visitor_waits` is dropped, too, when nobody would see it before it is stale.
    """
    if not kind.optional:
        return SendNow()
    if kind in preferences.off:
        return Drop(DropReason.SWITCHED_OFF)
    hours = preferences.working_hours
    opening = now.astimezone(UTC) if hours is None else hours.next_opening(now, preferences.timezone)
    if kind is MailKind.VISITOR_WAITS and opening - since >= STALE_AFTER:
        return Drop(DropReason.STALE)
    return SendNow() if opening <= now else WaitUntil(opening)
