from datetime import datetime

from application.conversations.announce_visitor import AnnounceVisitor
from application.ports.conversations import ConversationsWork
from domain.actors import Actor
from domain.conversations import Conversation, PersonRequested
from domain.jobs import Job


async def request_person(
    work: ConversationsWork, conversation: Conversation, *, by: Actor, at: datetime
) -> Conversation:
    """A locked conversation, which waits for a person from now on, unless it does already or one is there.

    Those who may answer are written to.

    Raises:
        ConversationClosed: it takes no messages.
    """
    waiting = conversation.awaiting_person(at)
    if waiting == conversation:
        return conversation
    because = PersonRequested(workspace_id=conversation.workspace_id, actor=by, at=at, conversation_id=conversation.id)
    told = AnnounceVisitor(
        conversation_id=conversation.id,
        workspace_id=conversation.workspace_id,
        waiting_since=waiting.waiting_since or at,
    )
    await work.jobs.add(Job.of(told, at))
    return await work.conversations.save(waiting, because=because)
