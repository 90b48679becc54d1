"""How what was said to a companion, and by it, becomes findable."""

from datetime import datetime
from typing import Protocol

from application.knowledge.indexing import Content, IndexingWork, index
from application.ports.conversations import Conversations, Messages
from domain.conversations import Message, MessageRole
from domain.conversations.reply_prompt import Addressee
from domain.errors import NotFound
from domain.ids import ConversationId, MessageId
from domain.knowledge import Source, SourceKind, Standing, heading_of_said


class IndexingMessagesWork(IndexingWork, Protocol):
    """What makes messages findable touches."""

    conversations: Conversations
    messages: Messages


def source_of_message(message_id: MessageId) -> Source:
    """What the passages of the message are pieces of."""
    return Source(SourceKind.MESSAGE, message_id)


async def index_messages(
    work: IndexingMessagesWork,
    conversation_id: ConversationId,
    message_ids: tuple[MessageId, ...],
    addressee: Addressee,
    language: str,
    at: datetime,
) -> None:
    """Has those of these messages that are there found by the addressee alone, under who said them and when.

    The unit has locked the conversation, so that none is blanked at the same time.
    """
    for message_id in message_ids:
        try:
            message = await work.messages.get(conversation_id, message_id)
        except NotFound:  # the reply of a run that failed, or one that is erased
            continue
        if message.is_findable:
            content = Content(message.content, language, heading=_heading(message, addressee))
            standing = Standing(owner_id=addressee.id, reader_id=addressee.id, at=message.created_at)
            await index(work, message.workspace_id, source_of_message(message.id), content, standing, at)


def _heading(message: Message, addressee: Addressee) -> str:
    name = "Companion" if message.role is MessageRole.ASSISTANT else " ".join(addressee.name.split()) or "User"
    return heading_of_said(name, message.created_at, addressee.timezone)
