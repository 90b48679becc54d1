"""Users, and the credentials by which they, visitors, agents and devices are known."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, Self
from uuid import UUID

from domain.activity import Event
from domain.actors import Actor, ActorType, Subject
from domain.errors import Conflict
from domain.ids import ConversationId, CredentialId, UserId, WorkspaceId, new_id


class EmailTaken(Conflict):
    """Another user has this e-mail."""

    code = "email_taken"
    detail = "There is a user with this e-mail already."


class CredentialKind(StrEnum):
    """Whose credential it is; the token starts with it."""

    KEY = "key"
    VISITOR = "visitor"
    SESSION = "session"
    AGENT = "agent"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Token:
    """The secret half of a credential: `fd_<kind>_<id>_<secret>`, shown once and never stored."""

    kind: CredentialKind
    id: CredentialId
    secret: str = field(repr=False)

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
            return cls(CredentialKind(kind), CredentialId(UUID(hex=identifier)), secret)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is stored of a token: enough to recognise it.

    Attributes:
        user_id: whose key or session it is; None for a visitor.
        conversation_id: a visitor's one conversation; None for everyone else.
    """

    id: CredentialId
    kind: CredentialKind
    digest: bytes = field(repr=False)
    workspace_id: WorkspaceId
    user_id: UserId | None = None
    conversation_id: ConversationId | None = None
    name: str = ""
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def opens_with(self, token: Token, at: datetime) -> bool:
        """Whether `token` is this credential's and it holds at `at`; compares in constant time."""
        expired = self.expires_at is not None and self.expires_at <= at
        matches = hmac.compare_digest(self.digest, token.digest)
        return matches and token.kind is self.kind and not expired and self.revoked_at is None


def issue_key(user: "User", workspace_id: WorkspaceId, name: str, at: datetime) -> tuple[Credential, Token]:
    """A new API key of a user, and its token."""
    token = Token(CredentialKind.KEY, CredentialId(new_id(at)), secrets.token_urlsafe(32))
    credential = Credential(
        id=token.id,
        kind=token.kind,
        digest=token.digest,
        workspace_id=workspace_id,
        user_id=user.id,
        name=name,
        created_at=at,
    )
    return credential, token


def issue_visitor_token(
    conversation_id: ConversationId, workspace_id: WorkspaceId, at: datetime
) -> tuple[Credential, Token]:
    """The credential of a conversation's visitor, and its token; it lives as long as the conversation."""
    token = Token(CredentialKind.VISITOR, CredentialId(new_id(at)), secrets.token_urlsafe(32))
    credential = Credential(
        id=token.id,
        kind=token.kind,
        digest=token.digest,
        workspace_id=workspace_id,
        conversation_id=conversation_id,
        created_at=at,
    )
    return credential, token


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who signs in; `email` is lower case and unique."""

    id: UserId
    email: str
    name: str
    created_at: datetime

    @property
    def actor(self) -> Actor:
        """The user as the one who acts."""
        return Actor(ActorType.USER, self.id, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIssued(Event):
    """A new API key opens what its user may do."""

    type: ClassVar[str] = "key.issued"
    key_id: CredentialId

    @property
    def subject(self) -> Subject:
        return Subject("key", self.key_id)
