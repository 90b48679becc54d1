from typing import Protocol

from application.ports.unit_of_work import UnitOfWork
from application.ports.workspaces import Workspaces
from domain.activity import Event
from domain.identity import Credential, User
from domain.ids import UserId


class Users(Protocol):
    """The people who sign in."""

    async def add(self, user: User) -> None:
        """Stores a new user.

        Raises:
            EmailTaken: another user has this e-mail.
        """
        ...

    async def get(self, user_id: UserId) -> User:
        """The user.

        Raises:
            NotFound: there is none.
        """
        ...

    async def by_email(self, email: str) -> User | None:
        """The user with this e-mail, in any case of its letters."""
        ...


class Credentials(Protocol):
    """What is stored of tokens."""

    async def add(self, credential: Credential, because: Event | None = None) -> None:
        """Stores a new credential."""
        ...

    async def revoke_named(self, user_id: UserId, name: str) -> int:
        """The user's keys of this name open nothing any more; returns how many did. An event of the unit says why."""
        ...


class IdentityWork(UnitOfWork, Protocol):
    """What use cases of identity touch."""

    users: Users
    credentials: Credentials
    workspaces: Workspaces
