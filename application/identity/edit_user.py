from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from application.identity.home import home_of
from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.identity import PreferencesChanges, User, UserChanges, UserEdited
from domain.permissions import Permission
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class EditUser:
    """Changes what a user says about themselves."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, changes: UserChanges, expected: int | None = None) -> User:
        """The user as they are now.

        Raises:
            NotFound, Forbidden: the caller may not.
            Stale: they are not in the version expected.
            Invalid, EditConflict: the changes cannot be made.
        """
        now = self.clock.now()
        return await _edit(self.begin, caller, now, changes, lambda user: user.edited(changes, now), expected)


@dataclass(frozen=True, slots=True)
class EditPreferences:
    """Changes how a user wants to be treated."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, changes: PreferencesChanges, expected: int | None = None) -> User:
        """The user as they are now.

        Raises:
            NotFound, Forbidden: the caller may not.
            Stale: they are not in the version expected.
            Invalid, EditConflict: the changes cannot be made.
        """
        now = self.clock.now()
        return await _edit(self.begin, caller, now, changes, lambda user: user.preferring(changes, now), expected)


async def _edit(
    begin: Begin[IdentityWork],
    caller: Caller,
    now: datetime,
    fields: Collection[str],
    edit: Callable[[User], User],
    expected: int | None,
) -> User:
    user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
    async with begin() as work:
        user = await work.users.get(user_id)
        check_version(user.version, expected)
        if not fields:
            return await work.commit(user)
        home = await home_of(work, user_id)
        because = UserEdited(
            workspace_id=home, actor=caller.actor, at=now, user_id=user_id, fields=tuple(sorted(fields))
        )
        return await work.commit(await work.users.save(edit(user), because=because))
