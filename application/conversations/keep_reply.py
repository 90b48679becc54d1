from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from application.memories.remember_conversation import RememberConversation
from application.ports.conversations import ConversationsWork
from application.webhooks.send_out import send_out
from domain.activity import Event
from domain.actors import Actor
from domain.conversations import MessageStatus, Run, RunCancelled, RunCompleted, RunFailed, RunStatus
from domain.jobs import Job
from domain.json import JsonValue
from domain.workspaces import Savings


async def keep_reply(
    work: ConversationsWork,
    run: Run,
    *,
    by: Actor,
    at: datetime,
    minutes_saved: int = 0,
    last: bool = True,
    metadata: Mapping[str, JsonValue] | None = None,
) -> Run:
    """Saves an ended run of a locked conversation, and its text, if there is any, as the message it announced.

    What was said to a companion is remembered after it, however the run has ended.

    `minutes_saved` are added to those of the conversation. Not `last` is a run that answers a question once more which
    others have followed. The message gets this `metadata`.

    Returns:
        The run as it was saved: without its steps, which may quote the question, when that was blanked meanwhile.
    """
    conversation = await work.conversations.lock(run.conversation_id)
    if run.steps and (await work.messages.get(conversation.id, run.message_id)).blanked_at is not None:
        run = run.without_steps()
    if run.text:
        status = MessageStatus.COMPLETE if run.whole else MessageStatus.PARTIAL
        conversation, message = conversation.said_by_assistant(
            run.reply_message_id, run.id, run.turn, run.text, status, at, answers=last and run.answered is True
        )
        message = replace(message, metadata=metadata or {})
        await work.messages.add(message)
        await work.conversations.save(conversation.saving(minutes_saved))
        await send_out(work, conversation, message, at)
    ended = end_event(run, by=by, at=at, minutes_saved=minutes_saved)
    await work.runs.save(run, because=replace(ended, told_to=conversation.user_id))
    remember = RememberConversation.of(run, conversation)
    if remember is not None:
        await work.jobs.add(Job.of(remember, at))
    return run


def saved_minutes(run: Run, savings: Savings) -> int:
    """The minutes of people's time that an ended run saves: none unless it was completed, and asked for no person."""
    if run.status is not RunStatus.COMPLETED or run.asked_a_person:
        return 0
    return savings.minutes(answered=run.answered is True, booking_links=run.booking_links)


def end_event(run: Run, *, by: Actor, at: datetime, minutes_saved: int = 0) -> Event:
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
                question_id=run.message_id,
                answered=run.answered is not False,
                response_seconds=(at - run.created_at).total_seconds(),
                booking_links=run.booking_links,
                minutes_saved=minutes_saved,
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
                question_id=run.message_id,
                code=str(run.error),
            )
