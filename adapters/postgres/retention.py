from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, DateTime, Integer, bindparam, cast, func, select, true
from sqlalchemy.sql.elements import ColumnElement
from typing_extensions import override

from adapters.postgres.statements import Database, Statement, constant, only
from adapters.postgres.tables import conversations, workspaces
from application.ports.retention import RetentionViews
from domain.conversations import ConversationStatus, HandledBy
from domain.ids import ConversationId

_c = conversations.c


def _due(days: str, since: Column[datetime], *wanted: ColumnElement[bool]) -> Statement[ConversationId]:
    """A walk over the workspaces that keep for so many `days`, and in each over an index by `since`."""
    kept = cast(func.jsonb_extract_path_text(workspaces.c.retention, days), Integer())
    until = bindparam("at", type_=DateTime(timezone=True)) - func.make_interval(0, 0, 0, kept)
    due = (
        select(_c.id)
        .where(_c.workspace_id == workspaces.c.id, since <= until, *wanted)
        .order_by(since)
        .limit(bindparam("most"))
        .lateral("due")
    )
    found = select(due.c.id).join_from(workspaces, due, true()).where(kept.is_not(None))
    return Statement(found.limit(bindparam("most")), only)


_IDLE = _due(
    "close_idle_days",
    _c.updated_at,
    _c.status == constant(ConversationStatus.OPEN),
    _c.handled_by == constant(HandledBy.ASSISTANT),
    _c.waiting_since.is_(None),
)
_EXPIRED = _due("erase_closed_days", _c.closed_at, _c.closed_at.is_not(None))


class PostgresRetentionViews(RetentionViews):
    """Conversations whose time is over, straight from their indexes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def idle(self, at: datetime, limit: int) -> Sequence[ConversationId]:
        return await self._database.all(_IDLE, at=at, most=limit)

    @override
    async def expired(self, at: datetime, limit: int) -> Sequence[ConversationId]:
        return await self._database.all(_EXPIRED, at=at, most=limit)
