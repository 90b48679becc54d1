from collections.abc import Callable, Sequence
from datetime import datetime

from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.retention import RetentionViews
from domain.conversations import Conversation, is_expired, is_idle
from domain.ids import ConversationId
from domain.workspaces import Retention


class MemoryRetentionViews(RetentionViews):
    """Committed conversations whose time is over."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def idle(self, at: datetime, limit: int) -> Sequence[ConversationId]:
        return self._due(is_idle, at)[:limit]

    @override
    async def expired(self, at: datetime, limit: int) -> Sequence[ConversationId]:
        return self._due(is_expired, at)[:limit]

    def _due(self, is_due: Callable[[Conversation, Retention, datetime], bool], at: datetime) -> list[ConversationId]:
        retentions = {workspace.id: workspace.retention for workspace in self._store.workspaces.rows.values()}
        conversations = self._store.conversations.rows.values()
        return [found.id for found in conversations if is_due(found, retentions[found.workspace_id], at)]
