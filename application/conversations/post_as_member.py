from dataclasses import dataclass
from datetime import datetime

from application.conversations.ask_companion import ask_companion
from application.conversations.post_message import PostedMessage
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView
from application.ports.unit_of_work import Begin
from application.webhooks.send_out import send_out
from domain.access import Caller, Permission
from domain.actors import Actor
from domain.conversations import Conversation, IfBusy, Message, MessagePosted
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True)
class PostAsMember:
    """Says something to the visitor in a member's name, or to one's own companion.

    Whoever answers a visitor goes on as they did, the assistant too; a companion replies.
    """

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, content: str, if_busy: IfBusy = IfBusy.QUEUE
    ) -> PostedMessage:
        """The message, and the run of the companion's reply; no run answers what is said to a visitor.

        `if_busy` is for companions: what becomes of the message while they still reply to something else.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: the content cannot be taken.
            ConversationClosed: it is to be opened again first. RunInProgress, TooManyWaiting: not now.
        """
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            conversation.place.must_admit(caller, Permission.CONVERSATION_WRITE)
            if conversation.user_id is None:
                posted = await _tell_visitor(work, conversation, content, caller.actor, self.clock)
            else:
                by, clock = caller.actor, self.clock
                posted = await ask_companion(work, conversation, content, if_busy, by=by, clock=clock)
            return await work.commit(posted)


async def _tell_visitor(
    work: ConversationsWork, conversation: Conversation, content: str, by: Actor, clock: Clock
) -> PostedMessage:
    now = clock.now()  # not before it is locked, so that times follow positions
    said, message = conversation.said_by_member(content, by, now)
    await work.messages.add(message, because=_posted(message, conversation.unanswered_since))
    await work.conversations.save(said)
    await send_out(work, said, message, now)
    return PostedMessage(message=MessageView.of(message), run=None)


def _posted(message: Message, unanswered_since: datetime | None) -> MessagePosted:
    waited = (message.created_at - unanswered_since).total_seconds() if unanswered_since else None
    return MessagePosted(
        workspace_id=message.workspace_id,
        actor=message.author,
        at=message.created_at,
        conversation_id=message.conversation_id,
        message_id=message.id,
        role=message.role,
        response_seconds=waited,
    )
