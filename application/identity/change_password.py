from dataclasses import dataclass

from application.identity.put_password import put_password
from application.identity.sign_in_limit import SignInLimit
from application.ports.clock import Clock
from application.ports.password_hasher import PasswordHasher
from application.ports.sign_in import SignInWork
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.errors import Fault, Invalid
from domain.identity import Login, PasswordChanged, typed_password
from domain.passwords import check_password
from domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Gives a user another password, or their first one, and ends their sessions but the one they call with."""

    begin: Begin[SignInWork]
    hasher: PasswordHasher
    limit: SignInLimit
    clock: Clock

    async def __call__(self, caller: Caller, current: str | None, new: str) -> None:
        """Nothing; `current` is None where no password is set yet.

        Raises:
            NotFound, Forbidden: the caller may not.
            Limited: too many tries for this user.
            Invalid: the current password is wrong, or the new one cannot be taken.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        await self.limit.admit_account(str(user_id))
        now = self.clock.now()
        async with self.begin() as work:
            login = await work.logins.lock(user_id) or Login(user_id=user_id, changed_at=now)
            user = await work.users.get(user_id)
            await self._must_know(login, current)
            password_hash = await self.hasher.hash(check_password(new, email=user.email, at="/new"))
            changed = login.with_password(password_hash, now)
            await put_password(work, user, changed, now, told_as=PasswordChanged, but=caller.credential_id)
            await work.commit(None)

    async def _must_know(self, login: Login, current: str | None) -> None:
        if login.password_hash is None and current is None:
            return
        if not await self.hasher.verify(typed_password(current or ""), login.password_hash):
            raise Invalid(Fault("/current", "wrong_password", "This is not your present password."))
