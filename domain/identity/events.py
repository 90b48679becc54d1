"""What happens to users and their credentials, as it is told to the workspaces they belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from domain.access import access_topic
from domain.activity import Event
from domain.actors import Actor, Subject
from domain.identity.credentials import Credential
from domain.ids import CredentialId, UserId, WorkspaceId
from domain.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEvent(Event):
    """Something happened to an API key of this user."""

    key_id: CredentialId
    user_id: UserId | None = None
    name: str = ""
    permissions: tuple[Permission, ...] = ()
    expires_at: datetime | None = None

    @classmethod
    def of(cls, key: Credential, workspace_id: WorkspaceId, *, by: Actor, at: datetime) -> Self:
        """What happened to `key`, told to the workspace."""
        return cls(
            workspace_id=workspace_id,
            actor=by,
            at=at,
            key_id=key.id,
            user_id=key.user_id,
            name=key.name,
            permissions=key.permissions,
            expires_at=key.expires_at,
        )

    @property
    def subject(self) -> Subject:
        return Subject("key", self.key_id)

    @property
    def topics(self) -> tuple[str, ...]:
        return () if self.user_id is None else (access_topic(self.user_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIssued(KeyEvent):
    """A new API key opens what is said here, as far as its user may do it."""

    type: ClassVar[str] = "key.issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked(KeyEvent):
    """An API key opens nothing any more."""

    type: ClassVar[str] = "key.revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent(Event):
    """Something happened to a user's session."""

    session_id: CredentialId

    @property
    def subject(self) -> Subject:
        return Subject("session", self.session_id)

    @property
    def topics(self) -> tuple[str, ...]:
        return (access_topic(UserId(self.actor.id)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(SessionEvent):
    """A user signed in."""

    type: ClassVar[str] = "session.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(SessionEvent):
    """A user signed out, here or from afar."""

    type: ClassVar[str] = "session.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(Event):
    """Something happened to a user."""

    user_id: UserId

    @property
    def subject(self) -> Subject:
        return Subject("user", self.user_id)

    @property
    def topics(self) -> tuple[str, ...]:
        return (access_topic(self.user_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEdited(UserEvent):
    """Some of their fields, named here, changed."""

    type: ClassVar[str] = "user.edited"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted(UserEvent):
    """Nothing is left of them but what they did."""

    type: ClassVar[str] = "user.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserExportRequested(UserEvent):
    """They want all that is known of them."""

    type: ClassVar[str] = "user.export_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(UserEvent):
    """They have another password, or their first one."""

    type: ClassVar[str] = "password.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(UserEvent):
    """Somebody with a mailed link set their password."""

    type: ClassVar[str] = "password.reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryLinkIssued(UserEvent):
    """Somebody at the instance's console was given a link that sets their password."""

    type: ClassVar[str] = "recovery_link.issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorAdded(UserEvent):
    """They are asked for a code from now on."""

    type: ClassVar[str] = "second_factor.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRemoved(UserEvent):
    """Their password alone lets them in."""

    type: ClassVar[str] = "second_factor.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesReplaced(UserEvent):
    """They have new recovery codes, and the former ones open nothing."""

    type: ClassVar[str] = "recovery_codes.replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeUsed(UserEvent):
    """A recovery code was used in place of their second factor; so many are left."""

    type: ClassVar[str] = "recovery_code.used"
    left: int
