from dataclasses import dataclass

from application.conversations.ask_assistant import ask_assistant, retried_event
from application.conversations.lock_run import lock_run
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, RunView
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.conversations import retried
from domain.ids import RunId


@dataclass(frozen=True, slots=True)
class RetriedRun:
    """The new run."""

    run: RunView


@dataclass(frozen=True, slots=True)
class RetryRun:
    """Has the assistant answer the message of a failed or cancelled run once more, by a new run."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, run_id: RunId) -> RetriedRun:
        """The new run.

        Raises:
            NotFound, Forbidden: the caller may not.
            RunNotRetryable, ConversationClosed, TakenOver, TooManyWaiting: as `domain.conversations.retried` says.
        """
        async with self.begin() as work:
            conversation, run = await lock_run(work, caller, run_id)
            message = await work.messages.get(conversation.id, run.message_id)
            siblings, active = await work.runs.answering(message), await work.runs.active(conversation.id)
            conversation, again = retried(run, message, conversation, siblings, len(active), self.clock.now())
            await ask_assistant(work, again, conversation)
            await work.conversations.save(conversation, because=retried_event(again, conversation, by=caller.actor))
            return await work.commit(RetriedRun(RunView.of(again)))
