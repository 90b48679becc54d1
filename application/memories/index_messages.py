"""How what was said to a companion, and by it, becomes findable."""

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from application.knowledge.indexing import Content, IndexingWork, index
from application.ports.conversations import Conversations, Messages
from domain.conversations import Message, MessageRole
from domain.conversations.reply_prompt import Addressee
from domain.errors import NotFound
from domain.ids import ConversationId, MessageId
from domain.knowledge import Source, SourceKind, Standing


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
        if message.blanked_at is None and message.role in {MessageRole.MEMBER, MessageRole.ASSISTANT}:
            content = Content(message.content, language, heading=heading_of_message(message, addressee))
            standing = Standing(owner_id=addressee.id, reader_id=addressee.id, at=message.created_at)
            await index(work, message.workspace_id, source_of_message(message.id), content, standing, at)


def heading_of_message(message: Message, addressee: Addressee) -> str:
    """Who said it and on which day where the user is: "Ada, Saturday 21 November 2026"."""
    local = message.created_at.astimezone(ZoneInfo(addressee.timezone))
    name = "Companion" if message.role is MessageRole.ASSISTANT else " ".join(addressee.name.split()) or "User"
    return f"{name}, {local:%A} {local.day} {local:%B %Y}"
