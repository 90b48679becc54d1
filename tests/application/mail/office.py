"""A worker that sends letters, and the short words in which tests speak to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.letters import MemoryLetters
from adapters.memory.mailer import MemoryMailer
from adapters.memory.recipients import MemoryRecipientViews
from adapters.memory.secret_box import MemorySecretBox
from application.jobs.fail_job import FailJob
from application.mail.send_mail import MailSender, SendMail
from application.ports.recipients import Recipient
from domain.ids import UserId, WorkspaceId, new_id
from domain.jobs import Claim, Job, JobCancelled, TryAgain
from domain.mail import Content, Invite, MailPreferences
from tests.application.world import LEASE, World

BASE_URL = "https://desk.example"
TO = "ada@example.com"
TOKEN = "planted-token"


def an_invite(at: datetime) -> Invite:
    return Invite(inviter="Žofie", workspace="Harbour", role="member", token=TOKEN, expires_at=at + timedelta(days=7))


@dataclass(slots=True)
class Office:
    world: World
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    recipients: MemoryRecipientViews = field(default_factory=MemoryRecipientViews)
    progress: MemoryJobProgress = field(default_factory=MemoryJobProgress)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def texts(self) -> list[str]:
        return [letter.text for letter in self.mailer.sent]

    def user(self, preferences: MailPreferences, address: str = TO) -> UserId:
        """A user with these preferences."""
        user_id = UserId(new_id(self.now))
        self.set(user_id, preferences, address)
        return user_id

    def set(self, user_id: UserId, preferences: MailPreferences, address: str = TO) -> None:
        """Has the user prefer otherwise."""
        self.recipients.known[user_id] = Recipient(
            user_id=user_id, address=address, name="Ada", preferences=preferences
        )

    async def post(
        self,
        content: Content,
        *,
        to: str | None = None,
        recipient_id: UserId | None = None,
        workspace_id: WorkspaceId | None = None,
    ) -> Job:
        """A letter as a use case leaves it to the worker."""
        spec = SendMail.of(
            content,
            self.now,
            self.world.secret_box,
            to=to,
            recipient_id=recipient_id,
            workspace_id=workspace_id,
        )
        job = Job.of(spec, self.now)
        async with self.world.begin() as work:
            await work.jobs.add(job)
            return await work.commit(job)

    async def claim(self) -> Claim:
        (claim,) = await self.world.queue.claim([SendMail.type], 1, LEASE)
        return claim

    async def idle(self) -> bool:
        """Whether nothing is due."""
        return await self.world.queue.claim([SendMail.type], 1, LEASE) == []

    async def send(self, claim: Claim, secret_box: MemorySecretBox | None = None) -> None:
        """Does the job; what it raises is the worker's."""
        sender = MailSender(
            begin=self.world.begin,
            mailer=self.mailer,
            letters=MemoryLetters(),
            recipients=self.recipients,
            secret_box=secret_box or self.world.secret_box,
            fail_job=self.fail_job,
            clock=self.world.clock,
            base_url=BASE_URL,
        )
        await sender(msgspec.convert(claim.payload, SendMail), claim, self.progress)

    @property
    def fail_job(self) -> FailJob:
        return FailJob(self.world.begin, {}, self.world.clock)

    async def work(self, secret_box: MemorySecretBox | None = None) -> Job:
        """The next job after a worker did it as workers do: a failure is counted."""
        claim = await self.claim()
        try:
            await self.send(claim, secret_box)
        except TryAgain as error:
            await self.fail_job(claim, str(error), error.after)
        except JobCancelled:
            return self.world.job(claim.job_id)
        else:
            await self.world.queue.finish(claim)
        return self.world.job(claim.job_id)
