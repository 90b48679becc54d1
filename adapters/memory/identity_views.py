from datetime import datetime

from typing_extensions import override

from adapters.memory.pages import newest_first
from adapters.memory.store import MemoryStore
from application.ports.identity_views import KeyView, KeyViews, UserViews
from domain.identity import CredentialKind, User
from domain.ids import UserId, WorkspaceId
from domain.pages import Page


class MemoryKeyViews(KeyViews):
    """Committed keys."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def keys(self, workspace_id: WorkspaceId, at: datetime, cursor: str | None, limit: int) -> Page[KeyView]:
        users = self._store.users.rows
        keys = (
            KeyView.of(key, users[key.user_id])
            for key in self._store.credentials.rows.values()
            if key.kind is CredentialKind.KEY and key.workspace_id == workspace_id and key.holds(at)
        )
        return newest_first(keys, cursor, limit)


class MemoryUserViews(UserViews):
    """Committed users."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def user(self, user_id: UserId) -> User | None:
        user = self._store.users.rows.get(user_id)
        return user if user and user.deleted_at is None else None
