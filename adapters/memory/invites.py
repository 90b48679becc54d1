from collections.abc import Iterable, Sequence

from typing_extensions import override

from adapters.memory.pages import created, newest_first
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.invites import Invites, InviteView, InviteViews
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import InviteId, WorkspaceId
from domain.pages import Page
from domain.workspaces import Invite


class MemoryInvites(Invites):
    """Invites within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._invites = store.invites
        self._transaction = transaction

    @override
    async def add(self, invite: Invite, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._invites, invite)

    @override
    async def get(self, invite_id: InviteId) -> Invite:
        return _found(self._transaction.get(self._invites, invite_id))

    @override
    async def lock(self, invite_id: InviteId) -> Invite:
        invite = await self._transaction.locked(self._invites, invite_id)
        return _found(invite)

    @override
    async def pending(self, workspace_id: WorkspaceId) -> Sequence[Invite]:
        found = (invite for invite in self._all() if invite.workspace_id == workspace_id)
        return sorted(found, key=created)

    @override
    async def pending_for(self, email: str) -> Sequence[Invite]:
        return sorted((invite for invite in self._all() if invite.email == email.lower()), key=created)

    @override
    async def save(self, invite: Invite, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.update(self._invites, invite)

    def _all(self) -> Iterable[Invite]:
        return (invite for invite in self._transaction.all(self._invites) if invite.pending)


class MemoryInviteViews(InviteViews):
    """Committed invites."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def pending(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[InviteView]:
        invites = self._store.invites.rows.values()
        found = [InviteView.of(invite) for invite in invites if invite.workspace_id == workspace_id and invite.pending]
        return newest_first(found, cursor, limit)

    @override
    async def invite(self, invite_id: InviteId) -> Invite | None:
        return self._store.invites.rows.get(invite_id)


def _found(invite: Invite | None) -> Invite:
    if invite is None:
        raise NotFound
    return invite
