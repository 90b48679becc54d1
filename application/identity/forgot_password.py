from dataclasses import dataclass

from application.identity.sealing import sealed_text
from application.identity.send_recovery_letter import ADDRESS, SendRecoveryLetter
from application.identity.sign_in_limit import SignInLimit
from application.ports.clock import Clock
from application.ports.jobs import JobsWork
from application.ports.secret_box import SecretBox
from application.ports.unit_of_work import Begin
from domain.identity import known_email
from domain.jobs import Job


@dataclass(frozen=True, slots=True)
class ForgotPassword:
    """Has a link sent that sets a password; nobody is looked for here, so that no answer tells who is a user."""

    begin: Begin[JobsWork]
    secret_box: SecretBox
    limit: SignInLimit
    clock: Clock

    async def __call__(self, email: str, address: str | None) -> None:
        """Nothing, be the e-mail a user's or not.

        Raises:
            Limited: too many tries for this e-mail or from this address.
        """
        asked = known_email(email.strip()) or ""
        await self.limit.admit(address, asked)
        letter = SendRecoveryLetter(sealed=sealed_text(self.secret_box, asked, purpose=ADDRESS))
        async with self.begin() as work:
            await work.jobs.add(Job.of(letter, self.clock.now()))
            await work.commit(None)
