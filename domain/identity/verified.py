import re
from dataclasses import dataclass
from datetime import datetime

_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedIdentity:
    """Who somebody is in the eyes of an issuer whose token they brought.

    Attributes:
        issuer: the `iss` of the token; with `subject` it names the identity for ever.
        email: lower case; None when the token carries none.
        email_verified: whether the issuer says that the e-mail is theirs; without it nothing is linked by it.
        name: as the issuer knows it; may be empty.
        expires_at: when the token stops being valid.
    """

    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str = ""
    expires_at: datetime


def known_email(told: object) -> str | None:
    """The e-mail that an issuer told, in lower case; None for what is none."""
    if not isinstance(told, str) or not told.isprintable() or not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,189}", told):
        return None
    return told.lower()


def known_name(told: object) -> str:
    """The name that an issuer told, bounded; empty for what is none."""
    return told.strip()[:_NAME_LENGTH].strip() if isinstance(told, str) and told.isprintable() else ""
