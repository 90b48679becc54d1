from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import DateTime, bindparam, func, select
from typing_extensions import override

from adapters.postgres.statements import Database, Statement
from adapters.postgres.tables import memories
from application.ports.memory_audit import EXAMINED_LENGTH, MemoryAuditViews
from domain.ids import UserId, WorkspaceId
from domain.memories import Examined

_m = memories.c
_age = (_m.created_at, _m.id)
_own = (
    select(
        _m.id,
        _m.tier,
        func.left(_m.content, EXAMINED_LENGTH).label("content"),
        _m.source_type,
        _m.created_at,
        _m.expires_at,
    )
    .where(
        _m.owner_id == bindparam("of_owner"),
        _m.workspace_id == bindparam("of_workspace"),
        _m.deleted_at.is_(None),
        _m.superseded_by.is_(None),
    )
    .limit(bindparam("most"))
)
_NEWEST = Statement(_own.order_by(*(column.desc() for column in _age)), Examined)
_UNUSED = Statement(
    _own.where(_m.access_count == 0, _m.created_at < bindparam("before", type_=DateTime(timezone=True))).order_by(
        *_age
    ),
    Examined,
)
_EXPIRING = Statement(
    _own.where(
        _m.expires_at > bindparam("after", type_=DateTime(timezone=True)),
        _m.expires_at <= bindparam("until", type_=DateTime(timezone=True)),
    ).order_by(_m.expires_at, _m.id),
    Examined,
)


class PostgresMemoryAuditViews(MemoryAuditViews):
    """Memories to look over, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def newest(self, workspace_id: WorkspaceId, owner_id: UserId, limit: int) -> Sequence[Examined]:
        return await self._database.all(_NEWEST, of_workspace=workspace_id, of_owner=owner_id, most=limit)

    @override
    async def never_recalled(
        self, workspace_id: WorkspaceId, owner_id: UserId, before: datetime, limit: int
    ) -> Sequence[Examined]:
        return await self._database.all(
            _UNUSED, of_workspace=workspace_id, of_owner=owner_id, before=before, most=limit
        )

    @override
    async def expiring(
        self, workspace_id: WorkspaceId, owner_id: UserId, after: datetime, until: datetime, limit: int
    ) -> Sequence[Examined]:
        return await self._database.all(
            _EXPIRING, of_workspace=workspace_id, of_owner=owner_id, after=after, until=until, most=limit
        )
