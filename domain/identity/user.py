from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self, cast

from domain.actors import FORMER_MEMBER, Actor, ActorType
from domain.errors import Conflict, Fault, Invalid
from domain.identity.preferences import Preferences, PreferencesChanges
from domain.identity.profile import PROFILE_RULES, Profile, ProfileChanges, checked
from domain.ids import UserId, new_id
from domain.pictures import Picture
from domain.text import text


class EmailTaken(Conflict):
    """Another user has this e-mail."""

    code = "email_taken"
    detail = "There is a user with this e-mail already."


class UserChanges(ProfileChanges, total=False):
    """The fields of a user to change, those of their profile among them."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who signs in.

    Attributes:
        email: lower case, unique, and shown to be theirs; None while no issuer has vouched for one.
        name: what others see; may be empty.
        avatar: the picture, of the user's personal workspace.
        administrator: whether they look after this instance.
        deactivated_at: since when an administrator keeps them out.
        deleted_at: since when only the id is left, for what refers to it.
    """

    id: UserId
    email: str | None
    name: str
    profile: Profile = field(default_factory=Profile)
    preferences: Preferences = field(default_factory=Preferences)
    avatar: Picture | None = None
    administrator: bool = False
    version: int = 1
    created_at: datetime
    updated_at: datetime | None = None
    deactivated_at: datetime | None = None
    deleted_at: datetime | None = None

    @classmethod
    def new(cls, email: str | None, name: str, at: datetime) -> Self:
        """Somebody who was never seen before."""
        return cls(id=UserId(new_id(at)), email=email and email.lower(), name=name, created_at=at, updated_at=at)

    @property
    def actor(self) -> Actor:
        """The user as the one who acts."""
        return Actor(ActorType.USER, self.id, self.name)

    @property
    def active(self) -> bool:
        """Whether they may sign in."""
        return self.deactivated_at is None and self.deleted_at is None

    def edited(self, changes: UserChanges, at: datetime) -> Self:
        """The user with these fields changed.

        Raises:
            Invalid: naming each field that cannot be taken.
        """
        taken = checked(cast("Mapping[str, Any]", changes), _RULES)
        name = taken.pop("name", self.name)
        return replace(self, name=name, profile=replace(self.profile, **taken), updated_at=at)

    def preferring(self, changes: PreferencesChanges, at: datetime) -> Self:
        """The user with these preferences changed.

        Raises:
            Invalid: naming each field that cannot be taken.
        """
        return replace(self, preferences=self.preferences.edited(changes), updated_at=at)

    def must_be_confirmed(self, confirm: str) -> None:
        """Nothing, when they can be deleted by one who typed `confirm`.

        Raises:
            Invalid: it is not their e-mail, or their name while they have none.
        """
        expected = self.email or self.name
        if confirm.strip().lower() != expected.strip().lower():
            what = "e-mail" if self.email else "name"
            raise Invalid(Fault("/query/confirm", "not_confirmed", f"Confirm with your {what}."))

    def showing(self, avatar: Picture | None, at: datetime) -> Self:
        """The user with this picture, or with none."""
        return replace(self, avatar=avatar, updated_at=at)

    def deleted(self, at: datetime) -> Self:
        """The user without anything that says who they were."""
        blank = type(self)(id=self.id, email=None, name=FORMER_MEMBER, created_at=self.created_at)
        return replace(blank, version=self.version, updated_at=at, deleted_at=at)


_RULES: Mapping[str, Callable[[Any], Any]] = {
    **PROFILE_RULES,
    "name": lambda value: text(value, at="/name", least=1, most=200),
}
