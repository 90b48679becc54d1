import json
from dataclasses import dataclass, field

from application.identity.sealing import sealed_text
from application.identity.send_sign_up_letter import SECRET, SendSignUpLetter
from application.identity.sign_in_limit import SignInLimit
from application.ports.clock import Clock
from application.ports.password_hasher import PasswordHasher
from application.ports.secret_box import SecretBox
from application.ports.sign_in import SignInWork
from application.ports.unit_of_work import Begin
from domain.identity import OneTimeToken, SignUp, SignUpByInvite, SignUpClosed, check_email
from domain.jobs import Job
from domain.passwords import check_password
from domain.text import text

NAME_LENGTHS = (1, 200)
DETAILS = "sign up"
"""The purpose under which a token keeps what a new user is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpCommand:
    """Who wants to become a user.

    Attributes:
        address: where they come from; None is this machine.
        client: the program they use, as it calls itself.
    """

    email: str
    password: str = field(repr=False)
    name: str
    address: str | None = None
    client: str = ""

    def checked(self) -> tuple[str, str, str]:
        """E-mail, name and password as they are taken.

        Raises:
            Invalid: one of them is not.
        """
        email = check_email(self.email)
        least, most = NAME_LENGTHS
        return email, text(self.name, at="/name", least=least, most=most), check_password(self.password, email=email)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpBegun:
    """A letter is on its way to this address."""

    email: str


@dataclass(frozen=True, slots=True)
class BeginSignUp:
    """Has a letter sent by which whoever gets it becomes a user, or learns that they are one.

    Nobody is looked for here, so that a request costs and answers the same whoever has the address.
    """

    begin: Begin[SignInWork]
    hasher: PasswordHasher
    secret_box: SecretBox
    limit: SignInLimit
    policy: SignUp
    clock: Clock

    async def __call__(self, command: SignUpCommand) -> SignUpBegun:
        """Where the letter goes.

        Raises:
            SignUpClosed, SignUpByInvite: not here.
            Limited: too many tries for this e-mail or from this address.
            Invalid: e-mail, name or password cannot be taken.
        """
        if self.policy is not SignUp.OPEN:
            raise SignUpClosed if self.policy is SignUp.CLOSED else SignUpByInvite
        email, name, password = command.checked()
        await self.limit.admit(command.address, email)
        details = json.dumps({"name": name, "password_hash": await self.hasher.hash(password)})
        now = self.clock.now()
        token, secret = OneTimeToken.to_verify(email, self.secret_box.seal(details.encode(), purpose=DETAILS), now)
        letter = SendSignUpLetter(token_id=token.id, sealed=sealed_text(self.secret_box, secret, purpose=SECRET))
        async with self.begin() as work:
            await work.one_time_tokens.add(token)
            await work.jobs.add(Job.of(letter, now))
            return await work.commit(SignUpBegun(email=email))
