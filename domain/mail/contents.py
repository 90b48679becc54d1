"""What letters say, each kind with what it needs; their words stand in the template of their kind."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from domain.ids import ConversationId
from domain.mail.kinds import MailKind

PREFERENCES_PATH = "/profile#mail"
"""The page where a user says which mail they want."""
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(ABC):
    """What one letter says.

    Attributes:
        kind: names its template.
    """

    kind: ClassVar[MailKind]

    @property
    @abstractmethod
    def path(self) -> str:
        """Where its link leads, below BASE_URL; a token stands in the fragment, which browsers send to no server."""

    @property
    def values(self) -> Mapping[str, str]:
        """What its template is given besides the link: each one line of up to 200 characters."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite(Content):
    """Somebody is invited to a workspace; `inviter`, `workspace` and `role` are names for people."""

    kind: ClassVar[MailKind] = MailKind.INVITE
    inviter: str
    workspace: str
    role: str
    token: str = field(repr=False)
    expires_at: datetime

    @property
    def path(self) -> str:
        return f"/accept-invite#token={self.token}"

    @property
    def values(self) -> Mapping[str, str]:
        return {
            "inviter": one_line(self.inviter),
            "workspace": one_line(self.workspace),
            "role": one_line(self.role),
            "expires": moment(self.expires_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Content):
    """Somebody has to show that the address is theirs."""

    kind: ClassVar[MailKind] = MailKind.VERIFY
    token: str = field(repr=False)
    expires_at: datetime

    @property
    def path(self) -> str:
        return f"/verify-email#token={self.token}"

    @property
    def values(self) -> Mapping[str, str]:
        return {"expires": moment(self.expires_at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover(Content):
    """Somebody forgot their password, or says so."""

    kind: ClassVar[MailKind] = MailKind.RECOVER
    token: str = field(repr=False)
    expires_at: datetime

    @property
    def path(self) -> str:
        return f"/reset-password#token={self.token}"

    @property
    def values(self) -> Mapping[str, str]:
        return {"expires": moment(self.expires_at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyRegistered(Content):
    """Somebody signed up with the address of a user."""

    kind: ClassVar[MailKind] = MailKind.ALREADY_REGISTERED

    @property
    def path(self) -> str:
        return "/sign-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorWaits(Content):
    """A visitor of the workspace of this name waits for a person; what they said stays at the desk."""

    kind: ClassVar[MailKind] = MailKind.VISITOR_WAITS
    workspace: str
    conversation_id: ConversationId

    @property
    def path(self) -> str:
        return f"/desk#/conversations/{self.conversation_id}"

    @property
    def values(self) -> Mapping[str, str]:
        return {"workspace": one_line(self.workspace)}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDied(Content):
    """A job of the workspace of this name failed for the last time; `error` is the sentence kept with it."""

    kind: ClassVar[MailKind] = MailKind.JOB_DIED
    workspace: str
    job_type: str
    error: str

    @property
    def path(self) -> str:
        return "/desk"

    @property
    def values(self) -> Mapping[str, str]:
        return {
            "workspace": one_line(self.workspace),
            "job_type": one_line(self.job_type),
            "error": one_line(self.error),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Content):
    """Somebody who looks after this instance tries its mail."""

    kind: ClassVar[MailKind] = MailKind.TEST

    @property
    def path(self) -> str:
        return "/"


def one_line(text: str) -> str:
    """`text` with white space, control and formatting characters as single spaces, cut at 200 characters.

    So no name adds a header or a line to a letter, moves a terminal's cursor, or turns the direction of what follows.
    """
    spaced = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    joined = " ".join(spaced.split())
    return joined if len(joined) <= _LONGEST else f"{joined[: _LONGEST - 1]}…"


def moment(at: datetime) -> str:
    """As people write it: `28 November 2026, 06:02 UTC`."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
