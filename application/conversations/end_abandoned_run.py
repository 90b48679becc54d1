from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from application.conversations.generate_reply import GenerateReply
from application.conversations.keep_reply import keep_reply
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.jobs import Burial
from domain.actors import SYSTEM
from domain.conversations import RunStatus, retried
from domain.errors import NotFound
from domain.ids import RunId
from domain.jobs import Job, JobStatus
from domain.json import JsonValue


@dataclass(frozen=True, slots=True)
class EndAbandonedRun(Burial[ConversationsWork]):
    """A run whose job died has failed, and one whose job was cancelled is cancelled; the text it had is kept.

    A job replayed has a new run, where a run may be retried.
    """

    clock: Clock

    async def prepare(self, work: ConversationsWork, payload: Mapping[str, JsonValue]) -> None:
        try:
            run = await work.runs.get(_run_id(payload))
            await work.conversations.lock(run.conversation_id)
        except NotFound:  # erased: nothing is wedged
            return

    async def bury(self, work: ConversationsWork, job: Job) -> None:
        try:
            run = await work.runs.get(_run_id(job.payload))
        except NotFound:
            return
        if run.ended:
            return
        now = self.clock.now()
        status = RunStatus.CANCELLED if job.status is JobStatus.CANCELLED else RunStatus.FAILED
        await keep_reply(work, run.abandoned(status, now), by=SYSTEM, at=now)

    async def revive(self, work: ConversationsWork, job: Job) -> Job:
        """The job with a new run that answers the same message; the run that ended stays as it is.

        Raises:
            RunNotRetryable, ConversationClosed, TakenOver, TooManyWaiting: as `domain.conversations.retried` says.
        """
        ended = await work.runs.get(_run_id(job.payload))
        conversation = await work.conversations.lock(ended.conversation_id)
        message = await work.messages.get(conversation.id, ended.message_id)
        siblings, active = await work.runs.answering(message), await work.runs.active(conversation.id)
        conversation, run = retried(ended, message, conversation, siblings, len(active), self.clock.now())
        run = replace(run, job_id=job.id)
        await work.runs.add(run)
        await work.conversations.save(conversation)
        return job.doing(GenerateReply.of(run, conversation))


def _run_id(payload: Mapping[str, JsonValue]) -> RunId:
    return RunId(UUID(str(payload["run_id"])))
