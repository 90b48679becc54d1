from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Database, Queries, Statement
from adapters.postgres.tables import invites
from application.ports.invites import Invites, InviteView, InviteViews
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import InviteId, WorkspaceId
from domain.pages import Page
from domain.workspaces import Invite

_INVITES = Mapped(Invite, invites)
_ADD = _INVITES.inserting()
_INVITE = _INVITES.by_id()
_LOCK = _INVITES.by_id(lock=True)
_SAVE = _INVITES.replacing()
_pending = and_(invites.c.accepted_at.is_(None), invites.c.revoked_at.is_(None))
_pending_of = _INVITES.select().where(invites.c.workspace_id == bindparam("workspace_id"), _pending)
_pending_for = _INVITES.select().where(invites.c.email == bindparam("email"), _pending)
_by_age = (invites.c.created_at, invites.c.id)
_PENDING = Statement(_pending_of.order_by(*_by_age), _INVITES.make)
_PENDING_FOR = Statement(_pending_for.order_by(*_by_age), _INVITES.make)


class PostgresInvites(Invites):
    """Invites, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, invite: Invite, because: Event) -> None:
        await self._queries.run(_ADD, **_INVITES.values(invite))
        self._changes.explain(because)

    @override
    async def get(self, invite_id: InviteId) -> Invite:
        return _found(await self._queries.one(_INVITE, id=invite_id))

    @override
    async def lock(self, invite_id: InviteId) -> Invite:
        return _found(await self._queries.one(_LOCK, id=invite_id))

    @override
    async def pending(self, workspace_id: WorkspaceId) -> Sequence[Invite]:
        return await self._queries.all(_PENDING, workspace_id=workspace_id)

    @override
    async def pending_for(self, email: str) -> Sequence[Invite]:
        return await self._queries.all(_PENDING_FOR, email=email.lower())

    @override
    async def save(self, invite: Invite, because: Event) -> None:
        await self._queries.run(_SAVE, key=invite.id, **_INVITES.changes(invite))
        self._changes.explain(because)


def _view(**columns: Any) -> InviteView:
    return InviteView.of(_INVITES.make(**columns))


_FIRST = Statement(newest_first(_pending_of, invites, behind=False), _view)
_NEXT = Statement(newest_first(_pending_of, invites, behind=True), _view)


class PostgresInviteViews(InviteViews):
    """Invites, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def pending(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[InviteView]:
        listing = _FIRST if cursor is None else _NEXT
        found = await self._database.all(listing, workspace_id=workspace_id, **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def invite(self, invite_id: InviteId) -> Invite | None:
        return await self._database.one(_INVITE, id=invite_id)


def _found(invite: Invite | None) -> Invite:
    if invite is None:
        raise NotFound
    return invite
