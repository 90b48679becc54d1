from dataclasses import dataclass

from application.identity.end_user import end_user
from application.persistently import persistently
from application.ports.clock import Clock
from application.ports.former_members import FormerMembersWork
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.actors import SYSTEM
from domain.identity import LastAdministrator
from domain.ids import UserId
from domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class DeleteUser:
    """Removes a user who wants to go, with all that says who they were; what they did stays, without their name."""

    begin: Begin[FormerMembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, confirm: str) -> None:
        """Nothing; they are gone, and with them their personal workspace and those that nobody else belongs to.

        Raises:
            NotFound, Forbidden: the caller may not.
            Invalid: `confirm` is not their e-mail, or name while they have none.
            LastOwner, LastAdministrator: somebody else has to take over first. EditConflict: they are busy just now.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        await persistently(lambda: self._delete(caller, user_id, confirm))

    async def _delete(self, caller: Caller, user_id: UserId, confirm: str) -> None:
        async with self.begin() as work:
            others = await work.users.lock_administrators() - {user_id}
            user = await work.users.get(user_id)
            user.must_be_confirmed(confirm)
            if user.administrator and not others:
                raise LastAdministrator
            await end_user(work, user, by=caller.actor, at=self.clock.now())
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class EndUser:
    """Removes a user whom their issuer has deleted: as they cannot be asked, the next in line owns what they owned."""

    begin: Begin[FormerMembersWork]
    clock: Clock

    async def __call__(self, user_id: UserId) -> None:
        """Nothing; they are gone, also when they were before.

        Raises:
            NotFound: there is no such user. EditConflict: they are busy just now.
        """
        await persistently(lambda: self._end(user_id))

    async def _end(self, user_id: UserId) -> None:
        async with self.begin() as work:
            user = await work.users.get(user_id)
            if user.deleted_at is None:
                await end_user(work, user, by=SYSTEM, at=self.clock.now())
            await work.commit(None)
