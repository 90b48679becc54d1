from datetime import datetime

from application.ports.conversations import ConversationsWork
from domain.activity import Event
from domain.actors import Actor
from domain.conversations import (
    MessageStatus,
    Run,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStatus,
)


async def keep_reply(work: ConversationsWork, run: Run, *, by: Actor, at: datetime) -> None:
    """Saves an ended run of a locked conversation, and its text, if there is any, as the message it announced."""
    conversation = await work.conversations.lock(run.conversation_id)
    if run.text:
        status = MessageStatus.COMPLETE if run.status is RunStatus.COMPLETED else MessageStatus.PARTIAL
        conversation, message = conversation.said_by_assistant(
            run.reply_message_id, run.id, run.number, run.text, status, at
        )
        await work.messages.add(message)
        await work.conversations.save(conversation)
    await work.runs.save(run, because=end_event(run, by=by, at=at))


def end_event(run: Run, *, by: Actor, at: datetime) -> Event:
    """The event that tells how a run ended."""
    match run.status:
        case RunStatus.COMPLETED:
            return RunCompleted(
                workspace_id=run.workspace_id,
                actor=by,
                at=at,
                conversation_id=run.conversation_id,
                run_id=run.id,
                message_id=run.reply_message_id,
            )
        case RunStatus.CANCELLED:
            return RunCancelled(
                workspace_id=run.workspace_id, actor=by, at=at, conversation_id=run.conversation_id, run_id=run.id
            )
        case _:
            return RunFailed(
                workspace_id=run.workspace_id,
                actor=by,
                at=at,
                conversation_id=run.conversation_id,
                run_id=run.id,
                code=str(run.error),
            )
