from application.ports.conversation_lists import ConversationView
from application.ports.conversations import ConversationsWork
from domain.conversations import Conversation


async def shown(work: ConversationsWork, conversation: Conversation) -> ConversationView:
    """The conversation as members see it, with the last message in it."""
    return ConversationView.of(conversation, await work.messages.newest(conversation.id))
