from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Protocol, Self

from application.ports.pictures import picture_url
from domain.actors import Actor
from domain.identity import Credential, Hours, Theme, User
from domain.ids import CredentialId, UserId, WorkspaceId
from domain.pages import Page
from domain.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A workspace's API key, as those who look after keys see it."""

    id: CredentialId
    workspace_id: WorkspaceId
    name: str
    permissions: Sequence[Permission]
    user: Actor
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: Credential, user: User) -> Self:
        """The view of a key of the user.

        Raises:
            ValueError: it is of no workspace.
        """
        if key.workspace_id is None:
            raise ValueError("A key of no workspace is shown to nobody.")
        return cls(
            id=key.id,
            workspace_id=key.workspace_id,
            name=key.name,
            permissions=key.permissions,
            user=user.actor,
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
        )


class KeyViews(Protocol):
    """API keys, to look at."""

    async def keys(self, workspace_id: WorkspaceId, at: datetime, cursor: str | None, limit: int) -> Page[KeyView]:
        """The workspace's keys that are neither expired at `at` nor revoked, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """A user as they see themselves."""

    id: UserId
    email: str | None
    name: str
    preferred_name: str
    pronouns: str
    timezone: str
    bio: str
    phone: str
    website: str
    business_name: str
    tagline: str
    social_links: Mapping[str, str]
    setup_completed: bool
    avatar_url: str | None
    administrator: bool
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, user: User) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            **{field.name: getattr(user.profile, field.name) for field in fields(user.profile)},
            avatar_url=picture_url(user.avatar),
            administrator=user.administrator,
            version=user.version,
            created_at=user.created_at,
            updated_at=user.updated_at or user.created_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesView:
    """How a user wants to be treated; `version` is the user's."""

    theme: Theme
    working_hours: Hours | None
    mail: Mapping[str, bool]
    onboarding: Mapping[str, bool]
    version: int

    @classmethod
    def of(cls, user: User) -> Self:
        """The view of what was just written or read."""
        wanted = user.preferences
        return cls(
            theme=wanted.theme,
            working_hours=wanted.working_hours,
            mail=wanted.mail,
            onboarding=wanted.onboarding,
            version=user.version,
        )


class UserViews(Protocol):
    """Users, to look at."""

    async def user(self, user_id: UserId) -> User | None:
        """The user, None when there is none or they are deleted."""
        ...
