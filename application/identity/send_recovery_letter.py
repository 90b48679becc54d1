from dataclasses import dataclass, field
from typing import ClassVar

from application.identity.sealing import unsealed_text
from application.mail.send_mail import SendMail
from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from application.ports.secret_box import SecretBox
from application.ports.sign_in import SignInWork
from application.ports.unit_of_work import Begin
from domain.identity import OneTimeToken
from domain.jobs import Claim, Job, JobSpec
from domain.mail import Recover

ADDRESS = "recovery address"
"""The purpose under which a job keeps whom to write to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRecoveryLetter(JobSpec):
    """Write to somebody who forgot their password, if they are a user; `sealed` is the e-mail."""

    type: ClassVar[str] = "send_recovery_letter"
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecoveryLetterSender:
    """Sends a user a link that sets their password, and nothing to anybody else."""

    begin: Begin[SignInWork]
    secret_box: SecretBox
    clock: Clock

    async def __call__(self, job: SendRecoveryLetter, claim: Claim, _progress: JobProgress) -> None:
        """Nothing; the letter is a job of its own.

        Raises:
            LeaseLost: the job is not ours any more.
        """
        now, email = self.clock.now(), unsealed_text(self.secret_box, job.sealed, purpose=ADDRESS)
        async with self.begin(claim) as work:
            user = await work.users.by_email(email)
            if user is not None and user.active:
                token, secret = OneTimeToken.to_recover(user.id, email, now)
                await work.one_time_tokens.add(token)
                content = Recover(token=secret, expires_at=token.expires_at)
                await work.jobs.add(Job.of(SendMail.of(content, now, self.secret_box, to=email), now))
            await work.jobs.finish(claim)
            await work.commit(None)
