import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum
from typing import Any, Self, TypedDict, cast
from zoneinfo import ZoneInfo

from domain.errors import Fault, Invalid
from domain.identity.profile import checked
from domain.mail.kinds import OPTIONAL, MailKind
from domain.mail.schedule import MailPreferences
from domain.mail.working_hours import WorkingHours

MOST_FLAGS = 50


class Theme(StrEnum):
    """How pages look; `system` is as the device says."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Working hours as they are written: days from 0, Monday, and times of day as `HH:MM`."""

    days: tuple[int, ...]
    opens: str
    closes: str

    def read(self) -> WorkingHours:
        """What they mean.

        Raises:
            Invalid: they mean nothing.
        """
        return WorkingHours(
            days=frozenset(self.days), opens=_clock(self.opens, "/opens"), closes=_clock(self.closes, "/closes")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How a user wants to be treated.

    Attributes:
        theme: of the pages we serve.
        working_hours: outside of which optional mail waits; None is always.
        mail: the optional kinds of mail; one that is not named is on.
        onboarding: which first steps are done, by names the client chooses.
    """

    theme: Theme = Theme.SYSTEM
    working_hours: Hours | None = None
    mail: Mapping[str, bool] = field(default_factory=lambda: {kind.value: True for kind in sorted(OPTIONAL)})
    onboarding: Mapping[str, bool] = field(default_factory=dict[str, bool])

    def edited(self, changes: "PreferencesChanges") -> Self:
        """The preferences with these fields changed.

        Raises:
            Invalid: naming each field that cannot be taken.
        """
        taken = checked(cast("Mapping[str, Any]", changes), _RULES)
        for name in ("mail", "onboarding"):
            if name in taken:
                taken[name] = {**getattr(self, name), **taken[name]}
        if len(taken.get("onboarding", ())) > MOST_FLAGS:
            raise Invalid(Fault("/onboarding", "too_many", f"At most {MOST_FLAGS} flags."))
        return replace(self, **taken)

    def of_mail(self, timezone: str) -> MailPreferences:
        """What they mean for mail to somebody in `timezone`."""
        return MailPreferences(
            off=frozenset(MailKind(kind) for kind, on in self.mail.items() if not on),
            working_hours=self.working_hours.read() if self.working_hours else None,
            timezone=ZoneInfo(timezone),
        )


class PreferencesChanges(TypedDict, total=False):
    """The fields to change; of `mail` and `onboarding` those that are named."""

    theme: Theme
    working_hours: Hours | None
    mail: dict[str, bool]
    onboarding: dict[str, bool]


def _clock(value: str, at: str) -> time:
    if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise Invalid(Fault(at, "bad_time", "A time of day is HH:MM, from 00:00 to 23:59."))
    return time.fromisoformat(value)


def _hours(value: Hours | None) -> Hours | None:
    if value is None:
        return None
    try:
        read = value.read()
    except Invalid as invalid:
        at = "/working_hours"
        raise Invalid(*(replace(fault, pointer=f"{at}{fault.pointer}") for fault in invalid.faults)) from invalid
    return replace(value, days=tuple(sorted(read.days)))


def _mail(value: dict[str, bool]) -> dict[str, bool]:
    unknown = sorted(value.keys() - OPTIONAL)
    if unknown:
        known = ", ".join(f"'{kind}'" for kind in sorted(OPTIONAL))
        raise Invalid(Fault("/mail", "unknown_kind", f"The kinds of mail that can be switched are {known}."))
    return value


def _flags(value: dict[str, bool]) -> dict[str, bool]:
    if not all(re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) for name in value):
        raise Invalid(Fault("/onboarding", "bad_name", "A flag's name has lower case letters, digits and underscores."))
    return value


_RULES: Mapping[str, Callable[[Any], Any]] = {
    "theme": Theme,
    "working_hours": _hours,
    "mail": _mail,
    "onboarding": _flags,
}
