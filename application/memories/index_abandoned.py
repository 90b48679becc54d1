from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from application.memories.index_turn import index_turn, taken_back
from application.memories.keep_proposals import Kept
from application.memories.remember_conversation import RememberingWork, remembered
from application.ports.clock import Clock
from application.ports.identity import Users
from application.ports.jobs import Burial
from application.ports.workspaces import Workspaces
from domain.conversations import Run
from domain.conversations.reply_prompt import Addressee
from domain.errors import NotFound
from domain.ids import RunId
from domain.jobs import Job, JobStatus
from domain.json import JsonValue


class IndexingAbandonedWork(RememberingWork, Protocol):
    """What makes findable what could not be remembered touches."""

    users: Users
    workspaces: Workspaces


@dataclass(frozen=True, slots=True)
class IndexAbandoned(Burial[IndexingAbandonedWork]):
    """What was said is found although the job died that was to remember it; nothing is when it was cancelled.

    A job replayed remembers what it was to remember.
    """

    clock: Clock

    async def prepare(self, work: IndexingAbandonedWork, payload: Mapping[str, JsonValue]) -> None:
        try:
            run = await _run(work, payload)
            await work.conversations.lock(run.conversation_id)
        except NotFound:  # erased
            return

    async def bury(self, work: IndexingAbandonedWork, job: Job) -> None:
        if job.status is JobStatus.CANCELLED:
            return
        try:
            run = await _run(work, job.payload)
            conversation = await work.conversations.lock(run.conversation_id)
        except NotFound:
            return
        if conversation.user_id is None:
            return
        user, now = await work.users.get(conversation.user_id), self.clock.now()
        language = (await work.workspaces.get(run.workspace_id)).language
        question = await work.messages.get(conversation.id, run.message_id)
        back = await taken_back(work, question, language)
        await index_turn(work, run, Addressee.of(user.id, user.name, user.profile), language, back, now)
        work.record(remembered(conversation, Kept(), now))

    async def revive(self, work: IndexingAbandonedWork, job: Job) -> Job:
        """The job as it was.

        Raises:
            NotFound: what was said is erased.
        """
        await _run(work, job.payload)
        return job


async def _run(work: IndexingAbandonedWork, payload: Mapping[str, JsonValue]) -> Run:
    return await work.runs.get(RunId(UUID(str(payload["run_id"]))))
