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
from domain.ids import OneTimeTokenId
from domain.jobs import Claim, Job, JobSpec
from domain.mail import AlreadyRegistered, Content, Verify

SECRET = "one-time token"  # noqa: S105 (a purpose)
"""The purpose under which a job keeps the secret of a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSignUpLetter(JobSpec):
    """Write to somebody who signs up; `sealed` is the secret of the token."""

    type: ClassVar[str] = "send_sign_up_letter"
    token_id: OneTimeTokenId
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignUpLetterSender:
    """Sends a link that makes a user of whoever gets it, or tells them that they are one."""

    begin: Begin[SignInWork]
    secret_box: SecretBox
    clock: Clock

    async def __call__(self, job: SendSignUpLetter, claim: Claim, _progress: JobProgress) -> None:
        """Nothing; the letter is a job of its own.

        Raises:
            LeaseLost: the job is not ours any more.
        """
        now = self.clock.now()
        async with self.begin(claim) as work:
            token = await work.one_time_tokens.get(job.token_id)
            if token is not None:
                letter = SendMail.of(await self._content(work, token, job), now, self.secret_box, to=token.email)
                await work.jobs.add(Job.of(letter, now))
            await work.jobs.finish(claim)
            await work.commit(None)

    async def _content(self, work: SignInWork, token: OneTimeToken, job: SendSignUpLetter) -> Content:
        if await work.users.by_email(token.email) is None:
            secret = unsealed_text(self.secret_box, job.sealed, purpose=SECRET)
            return Verify(token=secret, expires_at=token.expires_at)
        await work.one_time_tokens.remove(token.id)
        return AlreadyRegistered()
