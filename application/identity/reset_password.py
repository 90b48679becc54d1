from dataclasses import dataclass, field

from application.identity.open_session import SignedIn, open_session
from application.identity.put_password import put_password
from application.identity.second_factor_codes import SecondFactorCodes
from application.identity.sign_in_limit import SignInLimit
from application.ports.clock import Clock
from application.ports.password_hasher import PasswordHasher
from application.ports.sign_in import OneTimeTokenLog, SignInWork
from application.ports.unit_of_work import Begin
from domain.identity import (
    LinkExpired,
    Login,
    PasswordReset,
    SessionLife,
    TokenPurpose,
    one_time_digest,
)
from domain.ids import UserId
from domain.passwords import check_password


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPasswordCommand:
    """Which password somebody with a mailed link wants.

    Attributes:
        secret: of the link.
        code: of their second factor, or a recovery code: a mailbox alone does not get past it.
        address: where they come from; None is this machine.
        client: the program they use, as it calls itself.
    """

    secret: str = field(repr=False)
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    address: str | None = None
    client: str = ""


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Sets the password of whoever got the letter, ends all their sessions, and opens a new one."""

    begin: Begin[SignInWork]
    tokens: OneTimeTokenLog
    hasher: PasswordHasher
    codes: SecondFactorCodes
    limit: SignInLimit
    life: SessionLife
    clock: Clock

    async def __call__(self, command: ResetPasswordCommand) -> SignedIn:
        """The session.

        Raises:
            Limited: too many tries from this address or for this user.
            LinkExpired: the link opens nothing.
            Invalid: the password cannot be taken; the link stays good.
            CodeRequired, BadCode: the user has a second factor; the link stays good.
        """
        await self.limit.admit_address(command.address)
        found = await self.tokens.find(TokenPurpose.RECOVER, one_time_digest(command.secret), self.clock.now())
        if found is None or found.user_id is None:
            raise LinkExpired
        await self.limit.admit_account(found.email)
        password_hash = await self.hasher.hash(check_password(command.password, email=found.email))
        return await self._reset(command, found.user_id, password_hash)

    async def _reset(self, command: ResetPasswordCommand, user_id: UserId, password_hash: str) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            # First, as whoever changes a password has it locked while other links to it are removed.
            login = await work.logins.lock(user_id) or Login(user_id=user_id, changed_at=now)
            token = await work.one_time_tokens.take(TokenPurpose.RECOVER, one_time_digest(command.secret), now)
            if token is None:
                raise LinkExpired
            user = await work.users.get(user_id)
            if not user.active or user.email != token.email:
                raise LinkExpired
            taken = await self.codes.take(work, user, login, command.code, now)
            await put_password(work, user, taken.with_password(password_hash, now), now, told_as=PasswordReset)
            return await work.commit(await open_session(work, user, command.client, now, self.life))
