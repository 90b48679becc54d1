from dataclasses import dataclass, field

from application.identity.open_session import SignedIn, open_session
from application.identity.second_factor_codes import SecondFactorCodes
from application.identity.sign_in_limit import SignInLimit
from application.ports.clock import Clock
from application.ports.password_hasher import PasswordHasher
from application.ports.sign_in import Accounts, SignInWork
from application.ports.unit_of_work import Begin
from domain.identity import BadCredentials, SessionLife, known_email, typed_password
from domain.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCommand:
    """Who somebody says they are.

    Attributes:
        code: of their second factor, or a recovery code.
        address: where they come from; None is this machine.
        client: the program they use, as it calls itself.
    """

    email: str
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    address: str | None = None
    client: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Opens a session for whoever knows a user's password, and has their second factor if there is one.

    A wrong password costs the same statement and the same hash whether or not there is such a user.
    """

    begin: Begin[SignInWork]
    accounts: Accounts
    hasher: PasswordHasher
    codes: SecondFactorCodes
    limit: SignInLimit
    life: SessionLife
    clock: Clock

    async def __call__(self, command: SignInCommand) -> SignedIn:
        """The session.

        Raises:
            Limited: too many tries for this e-mail or from this address.
            BadCredentials: e-mail and password do not belong together, or the user may not sign in.
            CodeRequired: they do, and a code is missing. BadCode: they do, and the code is wrong.
        """
        email, password = known_email(command.email.strip()) or "", typed_password(command.password)
        await self.limit.admit(command.address, email)
        account = await self.accounts.by_email(email)
        known = account.password_hash if account else None
        if not await self.hasher.verify(password, known) or account is None or known is None:
            raise BadCredentials
        renewed = await self.hasher.hash(password) if self.hasher.needs_rehash(known) else known
        return await self._open(account.user.id, known, renewed, command)

    async def _open(self, user_id: UserId, known: str, renewed: str, command: SignInCommand) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            stored, user = await work.logins.lock(user_id), await work.users.get(user_id)
            if stored is None or stored.password_hash != known or not user.active:  # changed since it was looked at
                raise BadCredentials
            login = await self.codes.take(work, user, stored.rehashed(renewed), command.code, now)
            if login != stored:
                await work.logins.put(login)
            return await work.commit(await open_session(work, user, command.client, now, self.life))
