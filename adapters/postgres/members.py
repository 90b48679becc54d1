from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, any_, bindparam, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from typing_extensions import override

from adapters.postgres.pages import place
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Database, Statement
from adapters.postgres.tables import members, users, workspaces
from application.ports.members import JoinedWorkspaceView, MemberView, MemberViews
from domain.access import Role
from domain.ids import UserId, WorkspaceId
from domain.pages import Page, page_of
from domain.workspaces import KNOWLEDGE_BASE, Membership, Workspace

_m = members.c
_members = (
    select(_m.user_id, users.c.name, users.c.email, _m.role, _m.joined_at)
    .join_from(members, users, users.c.id == _m.user_id)
    .where(_m.workspace_id == bindparam("workspace_id"))
)
_WORKSPACES = Mapped(Workspace, workspaces)
_listed = [column for column in _WORKSPACES.columns if column.name != KNOWLEDGE_BASE]
_joined = (
    select(*_listed, _m.user_id, _m.role, _m.joined_at)
    .join_from(members, workspaces, workspaces.c.id == _m.workspace_id)
    .where(_m.user_id == bindparam("user_id"), _m.workspace_id == any_(bindparam("among", type_=ARRAY(Uuid()))))
)


def _last_first(
    construct: Select[*tuple[Any, ...]], tie: ColumnElement[Any], *, behind: bool
) -> Select[*tuple[Any, ...]]:
    if behind:
        construct = construct.where(tuple_(_m.joined_at, tie) < tuple_(bindparam("at"), bindparam("id")))
    return construct.order_by(_m.joined_at.desc(), tie.desc()).limit(bindparam("most"))


def _workspace(*, user_id: UserId, role: Role, joined_at: datetime, **columns: Any) -> JoinedWorkspaceView:
    workspace = _WORKSPACES.make(knowledge_base="", **columns)
    member = Membership(workspace_id=workspace.id, user_id=user_id, role=role, joined_at=joined_at)
    return JoinedWorkspaceView.of(workspace, member)


_MEMBERS = {behind: Statement(_last_first(_members, _m.user_id, behind=behind), MemberView) for behind in (False, True)}
_JOINED = {
    behind: Statement(_last_first(_joined, _m.workspace_id, behind=behind), _workspace) for behind in (False, True)
}


class PostgresMemberViews(MemberViews):
    """Memberships, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def members(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[MemberView]:
        statement = _MEMBERS[cursor is not None]
        found = await self._database.all(statement, workspace_id=workspace_id, **place(cursor, limit))
        return page_of(found, limit, lambda view: (view.joined_at.isoformat(), str(view.user_id)))

    @override
    async def workspaces(
        self, user_id: UserId, among: Collection[WorkspaceId], cursor: str | None, limit: int
    ) -> Page[JoinedWorkspaceView]:
        statement = _JOINED[cursor is not None]
        found = await self._database.all(statement, user_id=user_id, among=list(among), **place(cursor, limit))
        return page_of(found, limit, lambda view: (view.joined_at.isoformat(), str(view.id)))
