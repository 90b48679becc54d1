from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.rows import Mapped
from adapters.postgres.scheduling import ACTIVE_SERVICES
from adapters.postgres.statements import Command, Database, Queries, Statement, only
from adapters.postgres.tables import members, workspaces
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
from domain.errors import EditConflict, Invalid, NotFound
from domain.ids import UserId, WorkspaceId
from domain.workspaces import Assistant, Handle, Workspace

_t = workspaces.c
_WORKSPACES = Mapped(Workspace, workspaces)
_ADD = _WORKSPACES.inserting()
_ADD_OWNER = Command(insert(members).values(role=Role.OWNER), columns=["workspace_id", "user_id"])
_GET = _WORKSPACES.by_id()
_SAVE = _WORKSPACES.replacing_version()

public_name = func.coalesce(func.nullif(_t.public_name, ""), _t.name)
"""What visitors see as the workspace's name."""


class PostgresWorkspaces(Workspaces):
    """Workspaces, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, workspace: Workspace, owner: UserId, because: Event) -> None:
        await self._queries.run(_ADD, **_WORKSPACES.values(workspace))
        await self._queries.run(_ADD_OWNER, workspace_id=workspace.id, user_id=owner)
        self._changes.explain(because)

    @override
    async def get(self, workspace_id: WorkspaceId) -> Workspace:
        workspace = await self._queries.one(_GET, id=workspace_id)
        if workspace is None:
            raise NotFound
        return workspace

    @override
    async def save(self, workspace: Workspace, because: Event) -> Workspace:
        changes = _WORKSPACES.changes(workspace)
        if not await self._queries.run(_SAVE, key=workspace.id, expected=workspace.version, **changes):
            raise EditConflict
        self._changes.explain(because)
        return replace(workspace, version=workspace.version + 1)


def _view(**columns: Any) -> WorkspaceView:
    return WorkspaceView.of(_WORKSPACES.make(**columns))


def _chat_page(*, handle: Handle, **columns: Any) -> ChatPageView:
    return ChatPageView(handle=str(handle), **columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PublicRow:
    id: WorkspaceId
    handle: Handle
    public_name: str
    subtitle: str
    description: str
    timezone: str
    assistant: Assistant

    def with_services(self, services: Sequence[PublicServiceView]) -> PublicWorkspaceView:
        return PublicWorkspaceView(
            handle=str(self.handle),
            public_name=self.public_name,
            subtitle=self.subtitle,
            description=self.description,
            timezone=self.timezone,
            greeting=self.assistant.greeting,
            suggested_questions=self.assistant.suggested_questions,
            services=services,
        )


_VIEW = Statement(_WORKSPACES.select().where(_t.id == bindparam("id")), _view)
_PERSONAL_VIEW = Statement(_WORKSPACES.select().where(_t.owner_id == bindparam("owner_id"), _t.personal), _view)
_PUBLIC = Statement(
    select(
        _t.id,
        _t.handle,
        public_name.label("public_name"),
        _t.subtitle,
        _t.description,
        _t.timezone,
        _t.assistant,
    ).where(_t.handle == bindparam("handle"), _t.active),
    _PublicRow,
)
_CHAT_PAGE = Statement(
    select(_t.handle, public_name.label("public_name"), _t.language, _t.embed_origins).where(
        _t.handle == bindparam("handle"), _t.active
    ),
    _chat_page,
)
_ID_OF = Statement(select(_t.id).where(_t.handle == bindparam("handle"), _t.active), only)

_ACTIVE = Statement(select(_t.active).where(_t.id == bindparam("id")), only)


class PostgresWorkspaceViews(WorkspaceViews):
    """Workspaces, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def workspace(self, workspace_id: WorkspaceId) -> WorkspaceView | None:
        return await self._database.one(_VIEW, id=workspace_id)

    @override
    async def personal_of(self, user_id: UserId) -> WorkspaceView | None:
        return await self._database.one(_PERSONAL_VIEW, owner_id=user_id)

    @override
    async def public(self, handle: str) -> PublicWorkspaceView | None:
        found = await self._database.one(_PUBLIC, handle=handle) if _can_be(handle) else None
        if found is None:
            return None
        services = await self._database.all(ACTIVE_SERVICES, workspace_id=found.id)
        return found.with_services([PublicServiceView.of(service) for service in services])

    @override
    async def chat_page(self, handle: str) -> ChatPageView | None:
        return await self._database.one(_CHAT_PAGE, handle=handle) if _can_be(handle) else None

    @override
    async def id_of(self, handle: str) -> WorkspaceId | None:
        return await self._database.one(_ID_OF, handle=handle) if _can_be(handle) else None

    @override
    async def active(self, workspace_id: WorkspaceId) -> bool:
        return await self._database.one(_ACTIVE, id=workspace_id) is True


def _can_be(handle: str) -> bool:
    try:
        Handle(handle)
    except Invalid:
        return False
    return True
