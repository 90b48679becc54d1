from application.conversations.ask_assistant import ask_assistant
from application.ports.conversations import ConversationsWork
from domain.conversations import Conversation, HandledBy, Message, MessagePosted, Run


async def take_message(
    work: ConversationsWork, conversation: Conversation, message: Message, origin: bytes | None = None
) -> Run | None:
    """Adds the newest message of who is answered in a locked conversation, and the run that is to answer it.

    Returns:
        The run; None while a person handles the conversation.
    """
    await work.messages.add(message, because=_posted(message, conversation))
    await work.conversations.save(conversation)
    if conversation.handled_by is HandledBy.HUMAN:
        return None
    run = Run.answering(message, message.created_at, origin=origin)
    await ask_assistant(work, run, conversation)
    return run


def _posted(message: Message, conversation: Conversation) -> MessagePosted:
    return MessagePosted(
        workspace_id=message.workspace_id,
        actor=message.author,
        at=message.created_at,
        told_to=conversation.user_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
        role=message.role,
    )
