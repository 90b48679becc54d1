from uuid import UUID

from typing_extensions import override

from adapters.memory.pages import moment
from adapters.memory.store import MemoryStore
from application.ports.conversation_lists import (
    ConversationCounts,
    ConversationFilters,
    ConversationLists,
    ConversationPage,
    ConversationView,
)
from domain.conversations import Conversation, ConversationStatus, HandledBy, Message
from domain.ids import ConversationId, WorkspaceId
from domain.pages import decode_cursor, page_of


class MemoryConversationLists(ConversationLists):
    """Committed conversations."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def page(
        self, workspace_id: WorkspaceId, filters: ConversationFilters, cursor: str | None, limit: int
    ) -> ConversationPage:
        rows = self._store.conversations.rows.values()
        conversations = [row for row in rows if row.place == (workspace_id, filters.user_id)]
        wanted = sorted((row for row in conversations if self._meets(row, filters)), key=_place, reverse=True)
        if cursor is not None:
            behind = decode_cursor(cursor, moment, UUID)
            wanted = [row for row in wanted if _place(row) < behind]
        found = [self._view(row) for row in wanted[: limit + 1]]
        page = page_of(found, limit, lambda view: (view.updated_at.isoformat(), str(view.id)))
        return ConversationPage(items=page.items, next_cursor=page.next_cursor, counts=_counts(conversations))

    @override
    async def conversation(self, conversation_id: ConversationId) -> ConversationView | None:
        found = self._store.conversations.rows.get(conversation_id)
        return self._view(found) if found else None

    def _meets(self, conversation: Conversation, filters: ConversationFilters) -> bool:
        return (
            filters.status in {None, conversation.status}
            and filters.channel in {None, conversation.channel}
            and filters.handled_by in {None, conversation.handled_by}
            and filters.waiting in {None, conversation.waiting_since is not None}
            and (filters.tag is None or filters.tag in conversation.tags)
            and (filters.q is None or self._holds(conversation, filters.q.lower()))
        )

    def _holds(self, conversation: Conversation, wanted: str) -> bool:
        visitor = conversation.visitor
        contents = (message.content for message in self._messages_of(conversation))
        return any(wanted in text.lower() for text in (visitor.name or "", visitor.email or "", *contents))

    def _view(self, conversation: Conversation) -> ConversationView:
        last = max(self._messages_of(conversation), key=lambda message: message.position, default=None)
        return ConversationView.of(conversation, last)

    def _messages_of(self, conversation: Conversation) -> list[Message]:
        return [row for row in self._store.messages.rows.values() if row.conversation_id == conversation.id]


def _place(conversation: Conversation) -> tuple[object, ...]:
    return conversation.updated_at, conversation.id


def _counts(conversations: list[Conversation]) -> ConversationCounts:
    unclosed = [each for each in conversations if each.status is ConversationStatus.OPEN]
    return ConversationCounts(
        open=len(unclosed),
        waiting=sum(each.waiting_since is not None for each in unclosed),
        human=sum(each.handled_by is HandledBy.HUMAN for each in unclosed),
    )
