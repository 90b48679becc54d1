from application.conversations.make_room import make_room
from application.conversations.post_message import PostedMessage
from application.conversations.take_message import take_message
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView, RunView
from domain.actors import Actor
from domain.conversations import Conversation, IfBusy


async def ask_companion(
    work: ConversationsWork, conversation: Conversation, content: str, if_busy: IfBusy, *, by: Actor, clock: Clock
) -> PostedMessage:
    """What a user says to their companion in the locked conversation, and the run that answers it.

    Raises:
        Invalid: the content cannot be taken.
        ConversationClosed, RunInProgress, TooManyWaiting: not now.
    """
    conversation = await make_room(work, conversation, if_busy, by=by, at=clock.now())
    conversation, message = conversation.said_to_companion(content, by, clock.now())
    run = await take_message(work, conversation, message)
    return PostedMessage(message=MessageView.of(message), run=RunView.of(run) if run else None)
