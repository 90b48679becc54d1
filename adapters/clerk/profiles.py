from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from domain.identity import known_email, known_name


@dataclass(frozen=True, slots=True)
class Profile:
    """What Clerk's user object says of a person, as its API and its webhooks send it."""

    email: str | None
    email_verified: bool
    name: str

    @classmethod
    def of(cls, user: Mapping[str, Any]) -> "Profile":
        """The profile with the primary e-mail alone; others are nobody's business."""
        address = _primary(user)
        email = known_email(address.get("email_address"))
        verified = email is not None and _object(address.get("verification")).get("status") == "verified"
        names = (known_name(user.get(part)) for part in ("first_name", "last_name"))
        return cls(email, verified, known_name(" ".join(name for name in names if name)))


def _primary(user: Mapping[str, Any]) -> Mapping[str, Any]:
    identifier, listed = user.get("primary_email_address_id"), user.get("email_addresses")
    addresses = map(_object, cast("list[object]", listed) if isinstance(listed, list) else [])
    chosen = [each for each in addresses if identifier is not None and each.get("id") == identifier]
    return chosen[0] if chosen else _object(None)


def _object(found: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
