from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Self

from application.jobs.fail_job import FailJob
from application.mail.order import MailOrder
from application.ports.clock import Clock
from application.ports.jobs import JobProgress, JobsWork
from application.ports.letters import Letters
from application.ports.mailer import MailDelayed, Mailer, MailRefused
from application.ports.recipients import Recipient, RecipientViews
from application.ports.secret_box import SecretBox, UnsealError
from application.ports.unit_of_work import Begin
from domain.ids import LetterId, UserId, WorkspaceId, new_id
from domain.jobs import Claim, Job, JobCancelled, JobSpec, TryAgain
from domain.json import JsonValue, json_of
from domain.mail import (
    Content,
    Decision,
    Drop,
    DropReason,
    Letter,
    MailPreferences,
    NoMailbox,
    SendNow,
    UnfitSubject,
    WaitUntil,
    decide,
)

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 780))
"""Before each further try, about a day in all: a server that is down, or greylists, is seldom so for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail(JobSpec):
    """Send this letter.

    Attributes:
        sealed: a `MailOrder`, since links hold tokens and others may read jobs.
        since: when what it tells of happened.
        recipient_id: whose preferences count, and to whose present address it goes unless the order names one.
    """

    type: ClassVar[str] = "send_mail"
    max_attempts: ClassVar[int] = len(WAITS) + 1
    letter_id: LetterId
    sealed: str = field(repr=False)
    since: datetime
    workspace_id: WorkspaceId | None = None
    recipient_id: UserId | None = None

    @classmethod
    def of(
        cls,
        content: Content,
        at: datetime,
        box: SecretBox,
        *,
        to: str | None = None,
        recipient_id: UserId | None = None,
        workspace_id: WorkspaceId | None = None,
    ) -> Self:
        """The job that sends a letter of `content` to an address, to a user, or to the address of a user.

        Raises:
            ValueError: it is to nobody.
        """
        if to is None and recipient_id is None:
            raise ValueError("A letter needs an address or a user.")
        return cls(
            letter_id=LetterId(new_id(at)),
            sealed=MailOrder.of(content, to).sealed(box),
            since=at,
            workspace_id=workspace_id,
            recipient_id=recipient_id,
        )

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id


@dataclass(frozen=True, slots=True)
class MailSender:
    """Sends a letter, now or within the working hours of its recipient, or drops it where they do not want it.

    Attributes:
        base_url: what its links begin with.
    """

    begin: Begin[JobsWork]
    mailer: Mailer
    letters: Letters
    recipients: RecipientViews
    secret_box: SecretBox
    fail_job: FailJob
    clock: Clock
    base_url: str

    async def __call__(self, job: SendMail, claim: Claim, progress: JobProgress) -> None:
        """Nothing; the letter is sent, dropped or put off, or the job is dead with a sentence that names no address.

        After a crash it may be sent twice, with the same Message-ID.

        Raises:
            TryAgain: the letter was not taken this time.
            JobCancelled: somebody asked for the job to stop.
            LeaseLost: the job is not ours any more.
        """
        try:
            order = MailOrder.unsealed(job.sealed, self.secret_box)
        except UnsealError:
            await self._give_up(claim, "The letter was sealed with another SECRET_KEY and cannot be opened.")
            return
        recipient = await self._recipient(job, order)
        to = order.to or (recipient.address if recipient else None)
        match self._decision(job, order, recipient):
            case SendNow() if to is not None:
                await self._send(order, job.letter_id, to, claim, progress)
            case WaitUntil(at):
                await self._put_off(job, claim, at)
            case Drop(reason):
                await self._end(claim, {"outcome": reason})
            case _:
                await self._end(claim, {"outcome": DropReason.NO_RECIPIENT})

    async def _recipient(self, job: SendMail, order: MailOrder) -> Recipient | None:
        """Not asked for when it is of no matter: a letter one has asked for goes where it was asked to."""
        if job.recipient_id is None or (order.to is not None and not order.kind.optional):
            return None
        return await self.recipients.recipient(job.recipient_id)

    def _decision(self, job: SendMail, order: MailOrder, recipient: Recipient | None) -> Decision:
        if recipient is None and job.recipient_id is not None and order.kind.optional:
            return Drop(DropReason.NO_RECIPIENT)
        preferences = recipient.preferences if recipient else MailPreferences()
        return decide(order.kind, preferences, since=job.since, now=self.clock.now())

    async def _send(self, order: MailOrder, letter_id: LetterId, to: str, claim: Claim, progress: JobProgress) -> None:
        try:
            letter = order.written(self.letters, letter_id, to, self.base_url)
        except (NoMailbox, UnfitSubject) as error:
            await self._give_up(claim, str(error))
            return
        await progress.report(50, "Handing the letter in")
        await self._hand_in(letter, claim)

    async def _hand_in(self, letter: Letter, claim: Claim) -> None:
        try:
            await self.mailer.send(letter)
        except MailRefused as refused:
            await self._give_up(claim, str(refused))
        except MailDelayed as delayed:
            raise TryAgain(str(delayed), after=await self._wait(claim)) from delayed
        else:
            await self._end(claim, {"outcome": "sent"})

    async def _wait(self, claim: Claim) -> timedelta:
        async with self.begin(claim) as work:
            job = await work.jobs.held(claim)
        if job.cancel_asked:
            raise JobCancelled
        return WAITS[min(job.failures, len(WAITS) - 1)]

    async def _put_off(self, job: SendMail, claim: Claim, until: datetime) -> None:
        async with self.begin(claim) as work:
            await work.jobs.add(Job.of(job, self.clock.now(), run_at=until))
            await work.jobs.finish(claim, {"outcome": "put_off", "until": json_of(until)})
            await work.commit(None)

    async def _end(self, claim: Claim, result: Mapping[str, JsonValue]) -> None:
        async with self.begin(claim) as work:
            await work.jobs.finish(claim, result)
            await work.commit(None)

    async def _give_up(self, claim: Claim, error: str) -> None:
        await self.fail_job(claim, error, for_good=True)
