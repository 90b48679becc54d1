"""The second factor of a user: begun, confirmed by its first code, removed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.identity.home import home_of
from application.identity.second_factor_codes import SecondFactorCodes
from application.identity.sign_in_limit import SignInLimit
from application.ports.clock import Clock
from application.ports.password_hasher import PasswordHasher
from application.ports.sign_in import SignInWork
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.errors import Fault, Invalid
from domain.identity import (
    BadCode,
    Login,
    NoSecondFactor,
    RecoveryCodesReplaced,
    SecondFactorAdded,
    SecondFactorRemoved,
    User,
    typed_password,
)
from domain.ids import UserId
from domain.permissions import Permission
from domain.recovery_codes import new_recovery_codes, recovery_digest

CODE_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunSecondFactor:
    """What an app needs to make codes, shown this once; `uri` is what it reads as a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodes:
    """Codes that let in once each without the second factor, shown this once."""

    recovery_codes: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What shows that it is the user who asks, and not somebody at their open session: one of the two."""

    password: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class BeginSecondFactor:
    """Makes a secret for a user's app; codes are asked for once the first one is confirmed."""

    begin: Begin[SignInWork]
    codes: SecondFactorCodes
    clock: Clock

    async def __call__(self, caller: Caller) -> BegunSecondFactor:
        """The secret, instead of one that waits since before.

        Raises:
            NotFound, Forbidden: the caller may not.
            SecondFactorOn: there is a second factor already.
        """
        user_id, now = caller.must_themselves(Permission.ACCOUNT_WRITE), self.clock.now()
        secret, sealed = self.codes.new_secret(user_id)
        async with self.begin() as work:
            login = await work.logins.lock(user_id) or Login(user_id=user_id, changed_at=now)
            user = await work.users.get(user_id)
            await work.logins.put(login.with_secret(sealed, now))
            uri = self.codes.passwords.uri(secret, user.email or user.name or str(user.id))
            return await work.commit(BegunSecondFactor(secret=secret, uri=uri))


@dataclass(frozen=True, slots=True)
class ConfirmSecondFactor:
    """Has codes asked for from now on, as the user's app makes right ones."""

    begin: Begin[SignInWork]
    codes: SecondFactorCodes
    limit: SignInLimit
    clock: Clock

    async def __call__(self, caller: Caller, code: str) -> RecoveryCodes:
        """The recovery codes.

        Raises:
            NotFound, Forbidden: the caller may not.
            Limited: too many tries for this user.
            SecondFactorOn, NoSecondFactor: there is nothing to confirm.
            Invalid: the code is wrong.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        await self.limit.admit_account(str(user_id))
        if len("".join(code.split())) != CODE_DIGITS:
            raise _wrong_code(BadCode())
        now, made = self.clock.now(), new_recovery_codes()
        async with self.begin() as work:
            login, user = await _locked(work, user_id)
            try:
                step = self.codes.step(login, login.waiting_secret(), code, now)
            except BadCode as error:
                raise _wrong_code(error) from error
            await work.logins.put(login.confirmed(step, [recovery_digest(each) for each in made], now))
            await _tell(work, user, SecondFactorAdded, now)
            return await work.commit(RecoveryCodes(recovery_codes=made))


@dataclass(frozen=True, slots=True)
class RemoveSecondFactor:
    """Has the password alone let a user in."""

    begin: Begin[SignInWork]
    hasher: PasswordHasher
    codes: SecondFactorCodes
    limit: SignInLimit
    clock: Clock

    async def __call__(self, caller: Caller, proof: Proof) -> None:
        """Nothing.

        Raises:
            NotFound, Forbidden: the caller may not.
            Limited: too many tries for this user.
            NoSecondFactor: there is none.
            Invalid: the proof is none, or wrong.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        await self.limit.admit_account(str(user_id))
        now = self.clock.now()
        async with self.begin() as work:
            login, user = await _locked(work, user_id)
            proved = await _proved(work, user, login, proof, self.hasher, self.codes, now)
            await work.logins.put(proved.without_second_factor(now))
            await _tell(work, user, SecondFactorRemoved, now)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class ReplaceRecoveryCodes:
    """Gives a user new recovery codes in place of those that are left."""

    begin: Begin[SignInWork]
    hasher: PasswordHasher
    codes: SecondFactorCodes
    limit: SignInLimit
    clock: Clock

    async def __call__(self, caller: Caller, proof: Proof) -> RecoveryCodes:
        """The codes.

        Raises:
            NotFound, Forbidden: the caller may not.
            Limited: too many tries for this user.
            NoSecondFactor: there is none.
            Invalid: the proof is none, or wrong.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        await self.limit.admit_account(str(user_id))
        now, made = self.clock.now(), new_recovery_codes()
        async with self.begin() as work:
            login, user = await _locked(work, user_id)
            proved = await _proved(work, user, login, proof, self.hasher, self.codes, now)
            await work.logins.put(proved.with_recovery_codes([recovery_digest(each) for each in made], now))
            await _tell(work, user, RecoveryCodesReplaced, now)
            return await work.commit(RecoveryCodes(recovery_codes=made))


async def _locked(work: SignInWork, user_id: UserId) -> tuple[Login, User]:
    login = await work.logins.lock(user_id)
    if login is None:
        raise NoSecondFactor
    return login, await work.users.get(user_id)


async def _proved(
    work: SignInWork,
    user: User,
    login: Login,
    proof: Proof,
    hasher: PasswordHasher,
    codes: SecondFactorCodes,
    at: datetime,
) -> Login:
    login.must_have_second_factor()
    if (proof.password is None) == (proof.code is None):
        raise Invalid(Fault("", "one_of", "Send either 'password' or 'code'."))
    if proof.password is not None:
        if not await hasher.verify(typed_password(proof.password), login.password_hash):
            raise Invalid(Fault("/password", "wrong_password", "This is not your password."))
        return login
    try:
        return await codes.take(work, user, login, proof.code, at)
    except BadCode as error:
        raise _wrong_code(error) from error


def _wrong_code(error: BadCode) -> Invalid:
    return Invalid(Fault("/code", error.code, str(error)))


async def _tell(
    work: SignInWork,
    user: User,
    kind: type[SecondFactorAdded | SecondFactorRemoved | RecoveryCodesReplaced],
    at: datetime,
) -> None:
    work.record(kind(workspace_id=await home_of(work, user.id), actor=user.actor, at=at, user_id=user.id))
