"""Passwords, second factors and mailed links: what users prove by themselves who they are with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from application.ports.identity import IdentityWork
from application.ports.invites import Invites
from domain.identity import Login, OneTimeToken, TokenPurpose, User
from domain.ids import CredentialId, OneTimeTokenId, UserId
from domain.pages import Page

SESSIONS_KEPT = timedelta(days=30)
"""How long a session that is over is remembered."""


class Logins(Protocol):
    """The passwords and second factors of users."""

    async def lock(self, user_id: UserId) -> Login | None:
        """The user's login, which nobody else changes, or makes while there is none, until the unit ends.

        The user is locked with it: whoever saves them waits.

        Raises:
            NotFound: there is no such user.
        """
        ...

    async def put(self, login: Login) -> None:
        """Stores the login, be it new or not; needs no event."""
        ...

    async def remove(self, user_id: UserId) -> None:
        """The user has none any more; needs no event."""
        ...


class OneTimeTokens(Protocol):
    """The mailed links that were not used yet."""

    async def add(self, token: OneTimeToken) -> None:
        """Stores a new token; needs no event."""
        ...

    async def get(self, token_id: OneTimeTokenId) -> OneTimeToken | None:
        """The token, or None when it was used or is gone."""
        ...

    async def take(self, purpose: TokenPurpose, digest: bytes, at: datetime) -> OneTimeToken | None:
        """The token of this purpose and digest that has not expired at `at`, which is gone with this unit.

        None when there is none. Of many who take it at once, one whose unit commits gets it.
        """
        ...

    async def remove(self, token_id: OneTimeTokenId) -> None:
        """The token is gone, if it was there; needs no event."""
        ...

    async def remove_all(self, email: str) -> int:
        """Whatever was mailed to this address opens nothing any more; returns how many tokens that were."""
        ...


class SignInWork(IdentityWork, Protocol):
    """What signing up, in and out touches."""

    logins: Logins
    one_time_tokens: OneTimeTokens
    invites: Invites


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user and how they sign in; `login` is None when they never set anything up."""

    user: User
    login: Login | None

    @property
    def password_hash(self) -> str | None:
        """What a password is compared with; None where no password lets them in."""
        return self.login.password_hash if self.login and self.user.active else None


class Accounts(Protocol):
    """Users as they sign in, to look at; each question is one statement, whatever its answer."""

    async def by_email(self, email: str) -> Account | None:
        """The user with this e-mail, in any case of its letters, also one who is deactivated."""
        ...

    async def by_id(self, user_id: UserId) -> Account | None:
        """The user, also one who is deactivated or deleted."""
        ...


class OneTimeTokenLog(Protocol):
    """The mailed links, outside of units of work."""

    async def find(self, purpose: TokenPurpose, digest: bytes, at: datetime) -> OneTimeToken | None:
        """The token that `OneTimeTokens.take` would take now."""
        ...

    async def purge(self, at: datetime) -> int:
        """Forgets what has expired at `at`; returns how many tokens that were."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session as its user sees it.

    Attributes:
        client: the program it was begun with, as that calls itself.
        expires_at: when it ends if it is not used before.
        current: whether it is the one that asks.
    """

    id: CredentialId
    client: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime
    current: bool = False


class SessionLog(Protocol):
    """Sessions, outside of units of work."""

    async def purge(self, before: datetime) -> int:
        """Forgets those that have expired or were ended before then; returns how many."""
        ...


class SessionViews(Protocol):
    """Sessions, to look at."""

    async def sessions(self, user_id: UserId, at: datetime, cursor: str | None, limit: int) -> Page[SessionView]:
        """The user's sessions that are neither expired at `at` nor ended, newest first; none is `current`.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...
