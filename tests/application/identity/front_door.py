"""Where people sign up, in and out, and the short words in which tests speak to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from adapters.memory.callers import MemoryCallers
from adapters.memory.invites import MemoryInviteViews
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.one_time_passwords import MemoryOneTimePasswords
from adapters.memory.password_hasher import MemoryPasswordHasher
from adapters.memory.rate_limiter import MemoryRateLimiter
from adapters.memory.sign_in import MemoryAccounts, MemoryOneTimeTokenLog, MemorySessionViews
from application.identity.begin_sign_up import BeginSignUp, SignUpBegun, SignUpCommand
from application.identity.change_password import ChangePassword
from application.identity.forgot_password import ForgotPassword
from application.identity.give_recovery_link import GiveRecoveryLink
from application.identity.open_session import SignedIn
from application.identity.reset_password import ResetPassword, ResetPasswordCommand
from application.identity.second_factor import (
    BeginSecondFactor,
    ConfirmSecondFactor,
    RemoveSecondFactor,
    ReplaceRecoveryCodes,
)
from application.identity.second_factor_codes import SecondFactorCodes
from application.identity.send_recovery_letter import RecoveryLetterSender, SendRecoveryLetter
from application.identity.send_sign_up_letter import SendSignUpLetter, SignUpLetterSender
from application.identity.sessions import EndSession, ListSessions, SignOut, SignOutEverywhere
from application.identity.sign_in import SignIn, SignInCommand
from application.identity.sign_in_limit import SignInLimit
from application.identity.sign_up_invited import SignUpInvited
from application.identity.verify_email import VerifyEmail
from application.mail.order import MailOrder
from application.mail.send_mail import SendMail
from application.ports.rate_limiter import Rate
from domain.access import Caller
from domain.identity import Login, SessionLife, SignUp
from domain.ids import UserId
from tests.application.world import LEASE, World

EMAIL = "ada@example.com"
PASSWORD = "a rather long password"
NEW = "another long password"
CLIENT = "Firefox"
STEP = timedelta(seconds=30)


@dataclass(slots=True)
class FrontDoor:
    """`limit` and `policy` may be set before anybody comes."""

    world: World
    rate: Rate | None = None
    policy: SignUp = SignUp.OPEN
    life: SessionLife = field(default_factory=SessionLife)
    hasher: MemoryPasswordHasher = field(default_factory=MemoryPasswordHasher)
    passwords: MemoryOneTimePasswords = field(default_factory=MemoryOneTimePasswords)
    limiter: MemoryRateLimiter = field(default_factory=MemoryRateLimiter)

    # What the tests are about

    @property
    def begin_sign_up(self) -> BeginSignUp:
        world = self.world
        return BeginSignUp(world.begin, self.hasher, world.secret_box, self.limit, self.policy, world.clock)

    @property
    def sign_up_invited(self) -> SignUpInvited:
        return SignUpInvited(
            begin=self.world.begin,
            invites=MemoryInviteViews(self.world.store),
            hasher=self.hasher,
            open_personal_workspace=self.world.open_personal_workspace,
            limit=self.limit,
            policy=self.policy,
            life=self.life,
            clock=self.world.clock,
        )

    @property
    def verify_email(self) -> VerifyEmail:
        world = self.world
        opening = world.open_personal_workspace
        return VerifyEmail(world.begin, world.secret_box, opening, self.limit, self.life, world.clock)

    @property
    def sign_in(self) -> SignIn:
        return SignIn(
            begin=self.world.begin,
            accounts=self.accounts,
            hasher=self.hasher,
            codes=self.codes,
            limit=self.limit,
            life=self.life,
            clock=self.world.clock,
        )

    @property
    def forgot_password(self) -> ForgotPassword:
        return ForgotPassword(self.world.begin, self.world.secret_box, self.limit, self.world.clock)

    @property
    def reset_password(self) -> ResetPassword:
        return ResetPassword(
            begin=self.world.begin,
            tokens=MemoryOneTimeTokenLog(self.world.store),
            hasher=self.hasher,
            codes=self.codes,
            limit=self.limit,
            life=self.life,
            clock=self.world.clock,
        )

    @property
    def change_password(self) -> ChangePassword:
        return ChangePassword(self.world.begin, self.hasher, self.limit, self.world.clock)

    @property
    def give_recovery_link(self) -> GiveRecoveryLink:
        return GiveRecoveryLink(self.world.begin, self.accounts, self.world.clock)

    @property
    def begin_second_factor(self) -> BeginSecondFactor:
        return BeginSecondFactor(self.world.begin, self.codes, self.world.clock)

    @property
    def confirm_second_factor(self) -> ConfirmSecondFactor:
        return ConfirmSecondFactor(self.world.begin, self.codes, self.limit, self.world.clock)

    @property
    def remove_second_factor(self) -> RemoveSecondFactor:
        return RemoveSecondFactor(self.world.begin, self.hasher, self.codes, self.limit, self.world.clock)

    @property
    def replace_recovery_codes(self) -> ReplaceRecoveryCodes:
        return ReplaceRecoveryCodes(self.world.begin, self.hasher, self.codes, self.limit, self.world.clock)

    @property
    def list_sessions(self) -> ListSessions:
        return ListSessions(MemorySessionViews(self.world.store), self.world.clock)

    @property
    def end_session(self) -> EndSession:
        return EndSession(self.world.begin, self.world.clock)

    @property
    def sign_out(self) -> SignOut:
        return SignOut(self.end_session)

    @property
    def sign_out_everywhere(self) -> SignOutEverywhere:
        return SignOutEverywhere(self.world.begin, self.world.clock)

    # What they are given

    @property
    def accounts(self) -> MemoryAccounts:
        return MemoryAccounts(self.world.store)

    @property
    def codes(self) -> SecondFactorCodes:
        return SecondFactorCodes(self.passwords, self.world.secret_box, self.limit)

    @property
    def limit(self) -> SignInLimit:
        return SignInLimit(self.limiter, self.rate)

    # Short words

    async def signs_up(self, email: str = EMAIL, password: str = PASSWORD, name: str = "Ada") -> SignUpBegun:
        return await self.begin_sign_up(SignUpCommand(email=email, password=password, name=name, client=CLIENT))

    async def verified(self, email: str = EMAIL, password: str = PASSWORD) -> SignedIn:
        """A new user with an open session."""
        await self.signs_up(email, password)
        (letter,) = await self.letters()
        return await self.verify_email(secret_in(letter), None, CLIENT)

    async def signs_in(
        self, password: str = PASSWORD, *, email: str = EMAIL, code: str | None = None, address: str | None = None
    ) -> SignedIn:
        command = SignInCommand(email=email, password=password, code=code, address=address, client=CLIENT)
        return await self.sign_in(command)

    async def asks_for_recovery(self, email: str = EMAIL) -> str:
        """The secret of the link that a user gets."""
        await self.forgot_password(email, None)
        (letter,) = await self.letters()
        return secret_in(letter)

    async def resets(self, secret: str, password: str = NEW, code: str | None = None) -> SignedIn:
        return await self.reset_password(ResetPasswordCommand(secret=secret, password=password, code=code))

    async def letters(self) -> Sequence[MailOrder]:
        """What is mailed once a worker has done its jobs."""
        world, progress = self.world, MemoryJobProgress()
        for claim in await world.queue.claim([SendSignUpLetter.type, SendRecoveryLetter.type], 100, LEASE):
            if claim.type == SendSignUpLetter.type:
                sign_up = SignUpLetterSender(world.begin, world.secret_box, world.clock)
                await sign_up(msgspec.convert(claim.payload, SendSignUpLetter), claim, progress)
            else:
                recovery = RecoveryLetterSender(world.begin, world.secret_box, world.clock)
                await recovery(msgspec.convert(claim.payload, SendRecoveryLetter), claim, progress)
        claims = await world.queue.claim([SendMail.type], 100, LEASE)
        return [MailOrder.unsealed(str(claim.payload["sealed"]), world.secret_box) for claim in claims]

    async def caller(self, signed_in: SignedIn) -> Caller:
        """Whoever has the session's token.

        Raises:
            Unauthenticated: it opens nothing any more.
        """
        return await MemoryCallers(self.world.store, self.world.clock, self.life).of_token(signed_in.token)

    async def with_second_factor(self) -> tuple[Caller, str, Sequence[str]]:
        """A new user who is asked for codes, the secret of their app, and their recovery codes."""
        caller = await self.caller(await self.verified())
        begun = await self.begin_second_factor(caller)
        confirmed = await self.confirm_second_factor(caller, self.code(begun.secret))
        return caller, begun.secret, confirmed.recovery_codes

    def code(self, secret: str) -> str:
        """What the app shows now."""
        return self.passwords.code(secret, int(self.world.clock.now().timestamp()) // 30)

    def login(self, caller: Caller) -> Login:
        """What is stored of how the caller signs in."""
        return self.world.store.logins.rows[UserId(caller.actor.id)]

    def happened(self, type_: str) -> int:
        """How many events of the type there were."""
        return self.world.happened().count(type_)


def secret_in(letter: MailOrder) -> str:
    """The token in the link of a letter."""
    return letter.path.partition("#token=")[2]
