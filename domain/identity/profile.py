from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict
from urllib.parse import urlsplit

from domain.errors import Fault, Invalid
from domain.text import text
from domain.timezones import check_timezone

MOST_LINKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a user says about themselves; all of it may be empty.

    Attributes:
        timezone: an IANA name; working hours are in it.
        social_links: addresses by the network's name.
        setup_completed: whether they have been through the first steps.
    """

    preferred_name: str = ""
    pronouns: str = ""
    timezone: str = "UTC"
    bio: str = ""
    phone: str = ""
    website: str = ""
    business_name: str = ""
    tagline: str = ""
    social_links: Mapping[str, str] = field(default_factory=dict[str, str])
    setup_completed: bool = False


class ProfileChanges(TypedDict, total=False):
    """The fields of a profile to change; None empties them, and makes the time zone UTC."""

    preferred_name: str | None
    pronouns: str | None
    timezone: str | None
    bio: str | None
    phone: str | None
    website: str | None
    business_name: str | None
    tagline: str | None
    social_links: dict[str, str] | None
    setup_completed: bool


def checked(changes: Mapping[str, Any], rules: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Each change as its rule takes it.

    Raises:
        Invalid: with the faults of all of them.
    """
    taken: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in changes.items():
        try:
            taken[name] = rules[name](value)
        except Invalid as invalid:
            faults.extend(invalid.faults)
    if faults:
        raise Invalid(*faults)
    return taken


def _line(name: str, most: int) -> Callable[[str | None], str]:
    return lambda value: text(value or "", at=f"/{name}", most=most)


def _address(value: str | None, at: str = "/website") -> str:
    address = text(value or "", at=at, most=500)
    try:
        parts = urlsplit(address)
        good = not address or (parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc)
    except ValueError:
        good = False
    if not good or any(character.isspace() for character in address):
        raise Invalid(Fault(at, "bad_address", "An address begins with https:// or http:// and a host."))
    return address


def _links(value: dict[str, str] | None) -> dict[str, str]:
    if len(value or {}) > MOST_LINKS:
        raise Invalid(Fault("/social_links", "too_many", f"At most {MOST_LINKS} links."))
    at = "/social_links"
    return {text(name, at=at, least=1, most=40): _address(link, at) for name, link in (value or {}).items()}


PROFILE_RULES: Mapping[str, Callable[[Any], Any]] = {
    "preferred_name": _line("preferred_name", 100),
    "pronouns": _line("pronouns", 40),
    "timezone": lambda value: check_timezone(value or "UTC"),
    "bio": _line("bio", 2_000),
    "phone": _line("phone", 40),
    "website": _address,
    "business_name": _line("business_name", 200),
    "tagline": _line("tagline", 200),
    "social_links": _links,
    "setup_completed": bool,
}
"""What each field of a profile takes."""
