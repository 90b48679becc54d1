"""What those do who look after the instance, told to the instance itself."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.activity import Event
from domain.actors import Subject
from domain.errors import Conflict, NotFound
from domain.identity.events import UserEvent
from domain.identity.user import User


class LastAdministrator(Conflict):
    """Nobody else looks after the instance."""

    code = "last_administrator"
    detail = "Nobody else looks after this instance. Make somebody else an administrator first."


class Listed(StrEnum):
    """What an administrator looked through."""

    USERS = "users"
    WORKSPACES = "workspaces"
    JOBS = "jobs"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceListed(Event):
    """An administrator looked through everything of a kind."""

    type: ClassVar[str] = "instance.listed"
    what: Listed

    @property
    def subject(self) -> Subject:
        return Subject("instance", self.workspace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated(UserEvent):
    """An administrator keeps a user out."""

    type: ClassVar[str] = "user.deactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserActivated(UserEvent):
    """An administrator lets a user in again."""

    type: ClassVar[str] = "user.activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationGranted(UserEvent):
    """A user looks after the instance from now on."""

    type: ClassVar[str] = "administration.granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationRevoked(UserEvent):
    """A user does not look after the instance any more."""

    type: ClassVar[str] = "administration.revoked"


def deactivated(user: User, others: int, at: datetime) -> User:
    """The user, kept out; `others` is how many other administrators may sign in.

    Raises:
        NotFound: they are deleted.
        LastAdministrator: they are the only one.
    """
    _check(user, others)
    return replace(user, deactivated_at=user.deactivated_at or at, updated_at=at)


def activated(user: User, at: datetime) -> User:
    """The user, let in again.

    Raises:
        NotFound: they are deleted.
    """
    if user.deleted_at is not None:
        raise NotFound
    return replace(user, deactivated_at=None, updated_at=at)


def demoted(user: User, others: int, at: datetime) -> User:
    """The user, who looks after the instance no more; `others` as above.

    Raises:
        NotFound: they are deleted.
        LastAdministrator: they are the only one.
    """
    _check(user, others)
    return replace(user, administrator=False, updated_at=at)


def _check(user: User, others: int) -> None:
    if user.deleted_at is not None:
        raise NotFound
    if user.administrator and not others:
        raise LastAdministrator
