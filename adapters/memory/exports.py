from collections.abc import Sequence

from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.conversations import MessageView
from application.ports.exports import ConversationExports, ExportHead, MessageExports
from domain.conversations import Exchange, Message, MessageRole
from domain.ids import ConversationId, MessageId, UserId


class MemoryConversationExports(ConversationExports):
    """Committed conversations, in pieces."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def head(self, conversation_id: ConversationId) -> ExportHead | None:
        conversation = self._store.conversations.rows.get(conversation_id)
        if conversation is None:
            return None
        workspace = self._store.workspaces.rows[conversation.workspace_id]
        return ExportHead(
            conversation=conversation,
            business_name=workspace.public_name or workspace.name,
            timezone=workspace.timezone,
        )

    @override
    async def exchanges(self, conversation_id: ConversationId, first: int, last: int) -> Sequence[Exchange]:
        messages = [found for found in self._store.messages.rows.values() if found.conversation_id == conversation_id]
        said = {message.turn: message for message in messages if message.role is not MessageRole.ASSISTANT}
        replies: dict[object, Message] = {message.id: message for message in messages}
        runs = {run.turn: run for run in self._store.runs.rows.values() if run.conversation_id == conversation_id}
        numbers = sorted(turn for turn in said.keys() | runs.keys() if first <= turn <= last)
        return [
            Exchange(said.get(turn), run := runs.get(turn), replies.get(run.reply_message_id) if run else None)
            for turn in numbers
        ]


class MemoryMessageExports(MessageExports):
    """Committed messages of a user."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def written_by(self, user_id: UserId, after: MessageId | None, limit: int) -> Sequence[MessageView]:
        companions = {row.id for row in self._store.conversations.rows.values() if row.user_id == user_id}
        messages = self._store.messages.rows.values()
        written = (row for row in messages if row.author.id == user_id or row.conversation_id in companions)
        found = sorted((message for message in written if after is None or message.id > after), key=lambda row: row.id)
        return [MessageView.of(message) for message in found[:limit]]
