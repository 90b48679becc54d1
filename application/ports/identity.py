from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from application.ports.invites import Invites
from application.ports.jobs import Jobs
from application.ports.unit_of_work import UnitOfWork
from application.ports.workspaces import Members, Workspaces
from domain.activity import Event
from domain.identity import Credential, CredentialKind, IdentityLink, User
from domain.ids import CredentialId, UserId, WorkspaceId


class Users(Protocol):
    """The people who sign in."""

    async def add(self, user: User) -> None:
        """Stores a new user; needs no event.

        Raises:
            EmailTaken: another user has this e-mail.
        """
        ...

    async def get(self, user_id: UserId) -> User:
        """The user, also one who is deleted or deactivated.

        Raises:
            NotFound: there is none.
        """
        ...

    async def by_email(self, email: str) -> User | None:
        """The user with this e-mail, in any case of its letters."""
        ...

    async def lock_administrators(self) -> set[UserId]:
        """The administrators who may sign in; nobody else asks so until the unit ends."""
        ...

    async def save(self, user: User, because: Event | None = None) -> User:
        """Replaces the version that was read, and returns what is stored now, its version raised by one.

        Raises:
            EditConflict: it was changed since it was read.
            EmailTaken: another user has this e-mail.
        """
        ...


class Identities(Protocol):
    """Which user an identity of an issuer outside is."""

    async def lock(self, issuer: str, subject: str) -> IdentityLink | None:
        """The link, which nobody else changes, or makes while there is none, until the unit ends."""
        ...

    async def put(self, link: IdentityLink) -> None:
        """Stores the link, be it new or not; needs no event."""
        ...

    async def of_user(self, user_id: UserId) -> list[IdentityLink]:
        """All links to the user."""
        ...


class Credentials(Protocol):
    """What is stored of tokens."""

    async def add(self, credential: Credential, because: Event | None = None) -> None:
        """Stores a new credential."""
        ...

    async def lock(self, credential_id: CredentialId) -> Credential:
        """The credential as it is now, which nobody else changes until the unit ends.

        Raises:
            NotFound: there is none.
        """
        ...

    async def save(self, credential: Credential, because: Event | None = None) -> None:
        """Replaces the stored one, which must be locked."""
        ...

    async def revoke_named(self, user_id: UserId, name: str, at: datetime) -> int:
        """The user's keys of this name open nothing any more; returns how many did. An event of the unit says why."""
        ...

    async def revoke_all(
        self,
        user_id: UserId,
        kinds: Collection[CredentialKind],
        at: datetime,
        *,
        workspace_id: WorkspaceId | None = None,
        but: CredentialId | None = None,
    ) -> list[CredentialId]:
        """The user's credentials of these kinds open nothing any more; returns which did until now.

        Only those that are the workspace's when one is given, and never the one with the id `but`. An event of the unit
        says why.
        """
        ...


class IdentityWork(UnitOfWork, Protocol):
    """What use cases of identity touch."""

    users: Users
    identities: Identities
    credentials: Credentials
    workspaces: Workspaces
    members: Members
    invites: Invites
    jobs: Jobs
