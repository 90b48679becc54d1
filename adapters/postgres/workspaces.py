from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, select, update
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.rows import Mapped
from adapters.postgres.scheduling import ACTIVE_SERVICES
from adapters.postgres.statements import Command, Database, Queries, Statement, only
from adapters.postgres.tables import members, workspaces
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
from domain.errors import EditConflict, Invalid, NotFound
from domain.ids import BlobId, UserId, WorkspaceId
from domain.pictures import Picture
from domain.workspaces import Assistant, Handle, Membership, Workspace

_t = workspaces.c
_WORKSPACES = Mapped(Workspace, workspaces)
_ADD = _WORKSPACES.inserting()
_MEMBERS = Mapped(Membership, members)
_ADD_MEMBER = _MEMBERS.inserting()
_LOCK = Statement(select(_t.id).where(_t.id == bindparam("id")).with_for_update(key_share=True), only)
_MEMBERS_IN = Statement(_MEMBERS.select().where(members.c.workspace_id == bindparam("workspace_id")), _MEMBERS.make)
_MEMBERS_OF = Statement(
    _MEMBERS.select()
    .where(members.c.user_id == bindparam("user_id"))
    .order_by(members.c.joined_at, members.c.workspace_id),
    _MEMBERS.make,
)
_this_member = and_(members.c.workspace_id == bindparam("of_workspace"), members.c.user_id == bindparam("of_user"))
_HOLD_MEMBER = Statement(select(members.c.user_id).where(_this_member).with_for_update(read=True, key_share=True), only)
_SAVE_MEMBER = Command(update(members).where(_this_member), columns=["role"])
_REMOVE_MEMBER = Command(delete(members).where(_this_member))
_GET = _WORKSPACES.by_id()
_SAVE = _WORKSPACES.replacing_version()
_REMOVE = _WORKSPACES.removing_version()
_PERSONAL_ID = Statement(select(_t.id).where(_t.owner_id == bindparam("owner_id"), _t.personal), only)

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
        first = Membership(workspace_id=workspace.id, user_id=owner, role=Role.OWNER, joined_at=workspace.created_at)
        await self._queries.run(_ADD_MEMBER, **_MEMBERS.values(first))
        self._changes.explain(because)

    @override
    async def get(self, workspace_id: WorkspaceId) -> Workspace:
        workspace = await self._queries.one(_GET, id=workspace_id)
        if workspace is None:
            raise NotFound
        return workspace

    @override
    async def personal_id(self, user_id: UserId) -> WorkspaceId | None:
        return await self._queries.one(_PERSONAL_ID, owner_id=user_id)

    @override
    async def save(self, workspace: Workspace, because: Event) -> Workspace:
        changes = _WORKSPACES.changes(workspace)
        if not await self._queries.run(_SAVE, key=workspace.id, expected=workspace.version, **changes):
            raise EditConflict
        self._changes.explain(because)
        return replace(workspace, version=workspace.version + 1)

    @override
    async def remove(self, workspace: Workspace, because: Event) -> None:
        if not await self._queries.run(_REMOVE, key=workspace.id, expected=workspace.version):
            raise EditConflict
        self._changes.explain(because)


class PostgresMembers(Members):
    """Memberships, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def lock(self, workspace_id: WorkspaceId) -> list[Membership]:
        if await self._queries.one(_LOCK, id=workspace_id) is None:
            raise NotFound
        return await self._queries.all(_MEMBERS_IN, workspace_id=workspace_id)

    @override
    async def hold(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        if await self._queries.one(_HOLD_MEMBER, of_workspace=workspace_id, of_user=user_id) is None:
            raise NotFound

    @override
    async def of_user(self, user_id: UserId) -> list[Membership]:
        return await self._queries.all(_MEMBERS_OF, user_id=user_id)

    @override
    async def add(self, membership: Membership, because: Event) -> None:
        await self._queries.run(_ADD_MEMBER, **_MEMBERS.values(membership))
        self._changes.explain(because)

    @override
    async def save(self, membership: Membership, because: Event) -> None:
        await self._queries.run(_SAVE_MEMBER, **_key(membership), role=membership.role)
        self._changes.explain(because)

    @override
    async def remove(self, membership: Membership, because: Event) -> None:
        await self._queries.run(_REMOVE_MEMBER, **_key(membership))
        self._changes.explain(because)


def _key(membership: Membership) -> dict[str, Any]:
    return {"of_workspace": membership.workspace_id, "of_user": membership.user_id}


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
    image_blob_id: BlobId | None
    image_digest: bytes | None

    @property
    def image(self) -> Picture | None:
        if self.image_blob_id is None or self.image_digest is None:
            return None
        return Picture(self.image_blob_id, self.image_digest)

    def with_services(self, services: Sequence[PublicServiceView]) -> PublicWorkspaceView:
        return PublicWorkspaceView(
            handle=str(self.handle),
            public_name=self.public_name,
            subtitle=self.subtitle,
            description=self.description,
            timezone=self.timezone,
            greeting=self.assistant.greeting,
            suggested_questions=self.assistant.suggested_questions,
            image_url=picture_url(self.image),
            services=services,
        )


_VIEW = Statement(_WORKSPACES.select().where(_t.id == bindparam("id")), _view)
_PERSONAL_VIEW = Statement(_WORKSPACES.select().where(_t.owner_id == bindparam("owner_id"), _t.personal), _view)
_active = _t.active & _t.suspended_at.is_(None)
_PUBLIC = Statement(
    select(
        _t.id,
        _t.handle,
        public_name.label("public_name"),
        _t.subtitle,
        _t.description,
        _t.timezone,
        _t.assistant,
        _t.image_blob_id,
        _t.image_digest,
    ).where(_t.handle == bindparam("handle"), _active),
    _PublicRow,
)
_CHAT_PAGE = Statement(
    select(_t.handle, public_name.label("public_name"), _t.language, _t.embed_origins).where(
        _t.handle == bindparam("handle"), _active
    ),
    _chat_page,
)
_ID_OF = Statement(select(_t.id).where(_t.handle == bindparam("handle"), _active), only)

_ACTIVE = Statement(select(_active).where(_t.id == bindparam("id")), only)


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
