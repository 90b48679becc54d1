import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Self
from uuid import UUID

from domain.identity.user import User
from domain.ids import ConversationId, CredentialId, UserId, WorkspaceId, new_id
from domain.permissions import KEY_PERMISSIONS, Permission


class CredentialKind(StrEnum):
    """Whose credential it is; the token starts with it."""

    KEY = "key"
    VISITOR = "visitor"
    SESSION = "session"
    AGENT = "agent"
    DEVICE = "device"


class SignUp(StrEnum):
    """Who may become a user by themselves."""

    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLife:
    """How long a session lasts: `idle` without use, and `most` in any case."""

    idle: timedelta = timedelta(days=14)
    most: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Token:
    """The secret half of a credential: `fd_<kind>_<id>_<secret>`, shown once and never stored."""

    kind: CredentialKind
    id: CredentialId
    secret: str = field(repr=False)

    @classmethod
    def new(cls, kind: CredentialKind, at: datetime) -> Self:
        """A token nobody has seen, with 256 random bits."""
        return cls(kind, CredentialId(new_id(at)), secrets.token_urlsafe(32))

    def reveal(self) -> str:
        """The text its holder sends as a bearer."""
        return f"fd_{self.kind}_{self.id.hex}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """SHA-256 of the secret: its 256 random bits need no slow hash."""
        return sha256(self.secret.encode()).digest()

    @classmethod
    def parse(cls, revealed: str) -> Self | None:
        """The token, or None for any other text."""
        prefix, _, rest = revealed.partition("_")
        kind, _, rest = rest.partition("_")
        identifier, _, secret = rest.partition("_")
        if prefix != "fd" or not secret.isascii() or len(identifier) != 32:  # noqa: PLR2004 (hex digits of a UUID)
            return None
        try:
            token = cls(CredentialKind(kind), CredentialId(UUID(hex=identifier)), secret)
        except ValueError:
            return None
        # What has two texts is found by one of them alone, such as in a log.
        return token if token.id.hex == identifier else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is stored of a token: enough to recognise it.

    Attributes:
        workspace_id: where it opens something; None is everywhere its user belongs to, as with a session.
        user_id: whose key or session it is; None for a visitor.
        conversation_id: a visitor's one conversation; None for everyone else.
        name: what its owner calls a key; of a session, the program it was begun with.
        permissions: what a key may at most; empty for every other kind.
        expires_at: when it opens nothing any more; None is never. Use moves that of a session, up to `ends_at`.
        last_used_at: to the minute; None before the first use.
    """

    id: CredentialId
    kind: CredentialKind
    digest: bytes = field(repr=False)
    workspace_id: WorkspaceId | None = None
    user_id: UserId | None = None
    conversation_id: ConversationId | None = None
    name: str = ""
    permissions: tuple[Permission, ...] = ()
    created_at: datetime
    expires_at: datetime | None = None
    ends_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def opens_with(self, token: Token, at: datetime) -> bool:
        """Whether `token` is this credential's and it holds at `at`; compares in constant time."""
        matches = hmac.compare_digest(self.digest, token.digest)
        return matches and token.kind is self.kind and self.holds(at)

    def holds(self, at: datetime) -> bool:
        """Whether it is neither expired nor revoked."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)

    def used(self, at: datetime, idle: timedelta) -> Self:
        """As it is once it was used: a session lasts `idle` from then, but not beyond its end."""
        expires_at = self.expires_at if self.ends_at is None else min(self.ends_at, at + idle)
        return replace(self, last_used_at=at, expires_at=expires_at)

    def revoked(self, at: datetime) -> Self:
        """As it is from now on; one that was revoked stays so since then."""
        return replace(self, revoked_at=self.revoked_at or at)


def issue_key(
    user: User,
    workspace_id: WorkspaceId | None,
    name: str,
    at: datetime,
    *,
    permissions: frozenset[Permission] = KEY_PERMISSIONS,
    expires_at: datetime | None = None,
) -> tuple[Credential, Token]:
    """A new API key of a user, and its token; without a workspace it opens all of theirs, and their account."""
    token = Token.new(CredentialKind.KEY, at)
    credential = Credential(
        id=token.id,
        kind=token.kind,
        digest=token.digest,
        workspace_id=workspace_id,
        user_id=user.id,
        name=name,
        permissions=tuple(sorted(permissions)),
        created_at=at,
        expires_at=expires_at,
    )
    return credential, token


def issue_session(user_id: UserId, client: str, at: datetime, life: SessionLife) -> tuple[Credential, Token]:
    """A session of a user, begun with the program `client`, and its token."""
    token = Token.new(CredentialKind.SESSION, at)
    credential = Credential(
        id=token.id,
        kind=token.kind,
        digest=token.digest,
        user_id=user_id,
        name=client,
        created_at=at,
        expires_at=at + min(life.idle, life.most),
        ends_at=at + life.most,
        last_used_at=at,
    )
    return credential, token


def issue_visitor_token(
    conversation_id: ConversationId, workspace_id: WorkspaceId, at: datetime
) -> tuple[Credential, Token]:
    """The credential of a conversation's visitor, and its token; it lives as long as the conversation."""
    token = Token.new(CredentialKind.VISITOR, at)
    credential = Credential(
        id=token.id,
        kind=token.kind,
        digest=token.digest,
        workspace_id=workspace_id,
        conversation_id=conversation_id,
        created_at=at,
    )
    return credential, token
