from collections.abc import Iterable

from typing_extensions import override

from adapters.memory.scheduling import active_services
from adapters.memory.store import Membership, MemoryStore
from adapters.memory.table import Transaction
from application.ports.workspaces import (
    ChatPageView,
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
from domain.workspaces import Workspace


class MemoryWorkspaces(Workspaces):
    """Workspaces within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._workspaces = store.workspaces
        self._memberships = store.memberships
        self._transaction = transaction

    @override
    async def add(self, workspace: Workspace, owner: UserId, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._workspaces, workspace)
        await self._transaction.insert(self._memberships, Membership(workspace.id, owner, Role.OWNER))

    @override
    async def get(self, workspace_id: WorkspaceId) -> Workspace:
        workspace = self._transaction.get(self._workspaces, workspace_id)
        if workspace is None:
            raise NotFound
        return workspace

    @override
    async def save(self, workspace: Workspace, because: Event) -> Workspace:
        self._transaction.explain(because)
        return await self._transaction.replace(self._workspaces, workspace)


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
        return workspace is not None and workspace.active

    def _active(self, handle: str) -> Workspace | None:
        workspaces = self._store.workspaces.rows.values()
        return next((found for found in workspaces if found.active and str(found.handle) == handle), None)


def _personal(workspaces: Iterable[Workspace], user_id: UserId) -> Workspace | None:
    return next((found for found in workspaces if found.personal and found.owner_id == user_id), None)
