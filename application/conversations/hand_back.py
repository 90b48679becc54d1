from dataclasses import dataclass
from datetime import datetime

from application.conversations.ask_assistant import ask_assistant, retried_event
from application.conversations.asked import has_reply
from application.conversations.shown import shown
from application.ports.clock import Clock
from application.ports.conversation_lists import ConversationView
from application.ports.conversations import EVERYBODY, ConversationsWork
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.actors import Actor
from domain.conversations import (
    Conversation,
    ConversationHandedBack,
    ConversationStatus,
    HandledBy,
    Message,
    MessageRole,
    Run,
)
from domain.ids import ConversationId
from domain.versions import check_version

PEOPLE = EVERYBODY - {MessageRole.ASSISTANT}


@dataclass(frozen=True, slots=True)
class HandBack:
    """Puts a conversation back into the hands of the assistant, who answers what nobody has answered yet."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, expected: int | None = None
    ) -> ConversationView:
        """The conversation as it is now; one that is the assistant's already stays as it is.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
        """
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            conversation.place.must_admit(caller, Permission.CONVERSATION_WRITE)
            check_version(conversation.version, expected)
            if conversation.handled_by is HandledBy.HUMAN:
                conversation = await _handed_back(work, conversation, caller.actor, self.clock.now())
            return await work.commit(await shown(work, conversation))


async def _handed_back(work: ConversationsWork, conversation: Conversation, by: Actor, at: datetime) -> Conversation:
    conversation = conversation.handed_back(at)
    work.record(
        ConversationHandedBack(workspace_id=conversation.workspace_id, actor=by, at=at, conversation_id=conversation.id)
    )
    question = await _unanswered(work, conversation)
    if question is not None:
        conversation, run = Run.answering_again(question, conversation, at)
        work.record(retried_event(run, conversation, by=by))
        await ask_assistant(work, run, conversation)
    return await work.conversations.save(conversation)


async def _unanswered(work: ConversationsWork, conversation: Conversation) -> Message | None:
    """What was asked last, of what can still be read, if nobody has answered it; a reply may be about to stop."""
    since = conversation.unanswered_since
    if since is None or conversation.status is not ConversationStatus.OPEN:
        return None
    newest = await work.messages.newest(conversation.id, PEOPLE, blanked=False)
    if newest is None or newest.role is not MessageRole.VISITOR or newest.created_at < since:
        return None
    return None if await has_reply(work, newest) else newest
