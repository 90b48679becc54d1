from collections.abc import Sequence

from litestar import get, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from application.identity.edit_user import EditPreferences, EditUser
from application.identity.read_user import ReadUser
from application.ports.identity_views import PreferencesView, UserView
from domain.access import Caller, Permission
from domain.identity import Hours, Theme
from entrypoints.http.changes import Body, given


class UserPatch(Body, frozen=True):
    """The fields to change; absent ones stay, null empties those that can be empty."""

    name: str | UnsetType = UNSET
    preferred_name: str | UnsetType | None = UNSET
    pronouns: str | UnsetType | None = UNSET
    timezone: str | UnsetType | None = UNSET
    bio: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    website: str | UnsetType | None = UNSET
    business_name: str | UnsetType | None = UNSET
    tagline: str | UnsetType | None = UNSET
    social_links: dict[str, str] | UnsetType | None = UNSET
    setup_completed: bool | UnsetType = UNSET


class HoursBody(Body, frozen=True):
    """When you work: days from 0, Monday, to 6, and times of day as HH:MM in your time zone."""

    days: Sequence[int]
    opens: str
    closes: str


class PreferencesPatch(Body, frozen=True):
    """The fields to change; of `mail` and `onboarding` those that are named, and null works at all hours."""

    theme: Theme | UnsetType = UNSET
    working_hours: HoursBody | UnsetType | None = UNSET
    mail: dict[str, bool] | UnsetType = UNSET
    onboarding: dict[str, bool] | UnsetType = UNSET


@get("/users/me", opt={"permission": Permission.ACCOUNT_READ})
async def read_me(caller: NamedDependency[Caller], read_user: NamedDependency[ReadUser]) -> UserView:
    """Yourself."""
    return UserView.of(await read_user(caller))


@patch("/users/me", opt={"permission": Permission.ACCOUNT_WRITE})
async def patch_me(
    caller: NamedDependency[Caller],
    data: JSONBody[UserPatch],
    expected_version: NamedDependency[int | None],
    edit_user: NamedDependency[EditUser],
) -> UserView:
    """Change what others see of you, and what you keep for yourself."""
    return UserView.of(await edit_user(caller, given(data), expected_version))


@get("/users/me/preferences", opt={"permission": Permission.ACCOUNT_READ})
async def read_preferences(caller: NamedDependency[Caller], read_user: NamedDependency[ReadUser]) -> PreferencesView:
    """How you want to be treated."""
    return PreferencesView.of(await read_user(caller))


@patch("/users/me/preferences", opt={"permission": Permission.ACCOUNT_WRITE})
async def patch_preferences(
    caller: NamedDependency[Caller],
    data: JSONBody[PreferencesPatch],
    expected_version: NamedDependency[int | None],
    edit_preferences: NamedDependency[EditPreferences],
) -> PreferencesView:
    """Change theme, working hours, mail by kind, and which first steps are done."""
    changes = given(data)
    if isinstance(data.working_hours, HoursBody):
        written = data.working_hours
        changes["working_hours"] = Hours(days=tuple(written.days), opens=written.opens, closes=written.closes)
    return PreferencesView.of(await edit_preferences(caller, changes, expected_version))


ROUTES = (read_me, patch_me, read_preferences, patch_preferences)
