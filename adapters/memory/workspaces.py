from collections.abc import Iterable

from typing_extensions import override

from adapters.memory.scheduling import active_services
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.pictures import picture_url
from application.ports.workspaces import (
    ChatPageView,
    Members,
    PublicServiceView,
    PublicWorkspaceView,
    Workspaces,
    WorkspaceView,
    WorkspaceViews,
)
from domain.access import Role
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import UserId, WorkspaceId
from domain.workspaces import AlreadyMember, Membership, Workspace


class MemoryWorkspaces(Workspaces):
    """Workspaces within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._workspaces = store.workspaces
        self._memberships = store.memberships
        self._transaction = transaction

    @override
    async def add(self, workspace: Workspace, owner: UserId, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._workspaces, workspace)
        first = Membership(workspace_id=workspace.id, user_id=owner, role=Role.OWNER, joined_at=workspace.created_at)
        await self._transaction.insert(self._memberships, first)

    @override
    async def get(self, workspace_id: WorkspaceId) -> Workspace:
        workspace = self._transaction.get(self._workspaces, workspace_id)
        if workspace is None:
            raise NotFound
        return workspace

    @override
    async def personal_id(self, user_id: UserId) -> WorkspaceId | None:
        workspace = _personal(self._transaction.all(self._workspaces), user_id)
        return workspace.id if workspace else None

    @override
    async def save(self, workspace: Workspace, because: Event) -> Workspace:
        self._transaction.explain(because)
        return await self._transaction.replace(self._workspaces, workspace)

    @override
    async def remove(self, workspace: Workspace, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.discard(self._workspaces, workspace)
        conversations = {
            conversation.id
            for conversation in self._transaction.all(self._store.conversations)
            if conversation.workspace_id == workspace.id
        }
        memories = {
            memory.id for memory in self._transaction.all(self._store.memories) if memory.workspace_id == workspace.id
        }
        for table in self._store.in_workspaces:
            for row in self._transaction.all(table):
                if getattr(row, "workspace_id", None) == workspace.id or (
                    getattr(row, "conversation_id", None) in conversations
                    or getattr(row, "memory_id", None) in memories
                ):
                    await self._transaction.remove(table, table.key(row))


class MemoryMembers(Members):
    """Memberships within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    @override
    async def lock(self, workspace_id: WorkspaceId) -> list[Membership]:
        if await self._transaction.locked(self._store.workspaces, workspace_id) is None:
            raise NotFound
        return [found for found in self._all() if found.workspace_id == workspace_id]

    @override
    async def hold(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        if await self._transaction.locked(self._store.memberships, (workspace_id, user_id)) is None:
            raise NotFound

    @override
    async def of_user(self, user_id: UserId) -> list[Membership]:
        found = (membership for membership in self._all() if membership.user_id == user_id)
        return sorted(found, key=lambda membership: (membership.joined_at, membership.workspace_id))

    @override
    async def add(self, membership: Membership, because: Event) -> None:
        self._transaction.explain(because)
        key = self._store.memberships.key(membership)
        if await self._transaction.locked(self._store.memberships, key) is not None:
            raise AlreadyMember
        await self._transaction.insert(self._store.memberships, membership)

    @override
    async def save(self, membership: Membership, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.update(self._store.memberships, membership)

    @override
    async def remove(self, membership: Membership, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.remove(self._store.memberships, self._store.memberships.key(membership))

    def _all(self) -> list[Membership]:
        return self._transaction.all(self._store.memberships)


class MemoryWorkspaceViews(WorkspaceViews):
    """Committed workspaces."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def workspace(self, workspace_id: WorkspaceId) -> WorkspaceView | None:
        workspace = self._store.workspaces.rows.get(workspace_id)
        return WorkspaceView.of(workspace) if workspace else None

    @override
    async def personal_of(self, user_id: UserId) -> WorkspaceView | None:
        workspace = _personal(self._store.workspaces.rows.values(), user_id)
        return WorkspaceView.of(workspace) if workspace else None

    @override
    async def public(self, handle: str) -> PublicWorkspaceView | None:
        workspace = self._active(handle)
        if workspace is None:
            return None
        return PublicWorkspaceView(
            handle=str(workspace.handle),
            public_name=workspace.public_name or workspace.name,
            subtitle=workspace.subtitle,
            description=workspace.description,
            timezone=workspace.timezone,
            greeting=workspace.assistant.greeting,
            suggested_questions=workspace.assistant.suggested_questions,
            image_url=picture_url(workspace.image),
            services=[PublicServiceView.of(service) for service in active_services(self._store, workspace.id)],
        )

    @override
    async def chat_page(self, handle: str) -> ChatPageView | None:
        workspace = self._active(handle)
        if workspace is None:
            return None
        return ChatPageView(
            handle=str(workspace.handle),
            public_name=workspace.public_name or workspace.name,
            language=workspace.language,
            embed_origins=workspace.embed_origins,
        )

    @override
    async def id_of(self, handle: str) -> WorkspaceId | None:
        workspace = self._active(handle)
        return workspace.id if workspace else None

    @override
    async def active(self, workspace_id: WorkspaceId) -> bool:
        workspace = self._store.workspaces.rows.get(workspace_id)
        return workspace is not None and _talks(workspace)

    def _active(self, handle: str) -> Workspace | None:
        workspaces = self._store.workspaces.rows.values()
        return next((found for found in workspaces if _talks(found) and str(found.handle) == handle), None)


def _talks(workspace: Workspace) -> bool:
    return workspace.active and workspace.suspended_at is None


def _personal(workspaces: Iterable[Workspace], user_id: UserId) -> Workspace | None:
    return next((found for found in workspaces if found.personal and found.owner_id == user_id), None)
