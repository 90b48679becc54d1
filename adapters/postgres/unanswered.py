from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Text, and_, bindparam, false, func, literal_column, select
from typing_extensions import override

from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.statements import Database, Statement, constant
from adapters.postgres.tables import conversations, messages, runs
from application.ports.unanswered import UnansweredView, UnansweredViews
from domain.conversations import MessageRole
from domain.ids import RunId, WorkspaceId
from domain.pages import Page


@dataclass(frozen=True, slots=True)
class _Row:
    id: RunId
    created_at: datetime
    view: UnansweredView


def _row(*, created_at: datetime, **columns: Any) -> _Row:
    return _Row(columns["id"], created_at, UnansweredView(**columns))


_r = runs.c
_question = messages.alias("question")
_said = messages.alias("said")
_suggestion = (
    select(_said.c.content)
    .where(
        _said.c.conversation_id == _question.c.conversation_id,
        _said.c.position > _question.c.position,
        _said.c.role == constant(MessageRole.MEMBER),
        _said.c.blanked_at.is_(None),
    )
    .order_by(_said.c.position)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_later = runs.alias("later")
_settled = (
    select(_later.c.id)
    .where(
        _later.c.conversation_id == _r.conversation_id,
        _later.c.message_id == _r.message_id,
        _later.c.turn > _r.turn,
        _later.c.answered.is_not(None),
    )
    .exists()
)
_unanswered = (
    select(
        _r.id,
        _r.created_at,
        _r.conversation_id,
        _r.message_id,
        _question.c.content.label("question"),
        _question.c.created_at.label("asked_at"),
        func.coalesce(_r.error, literal_column("'unknown'"), type_=Text()).label("reason"),
        _suggestion.label("suggestion"),
    )
    .join_from(
        runs,
        _question,
        and_(_question.c.conversation_id == _r.conversation_id, _question.c.id == _r.message_id),
    )
    .join(conversations, conversations.c.id == _r.conversation_id)
    .where(
        _r.workspace_id == bindparam("workspace_id"),
        conversations.c.user_id.is_(None),
        _r.answered == false(),
        _r.resolved_at.is_(None),
        _question.c.blanked_at.is_(None),
        ~_settled,
    )
)


@cache
def _newest(*, behind: bool) -> Statement[_Row]:
    return Statement(newest_first(_unanswered, runs, behind=behind), _row)


class PostgresUnansweredViews(UnansweredViews):
    """Questions, straight from the rows of their runs and messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def unanswered(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[UnansweredView]:
        behind = place(cursor, limit)
        rows = await self._database.all(_newest(behind=cursor is not None), workspace_id=workspace_id, **behind)
        page = page_of_newest(rows, limit)
        return Page(items=[row.view for row in page.items], next_cursor=page.next_cursor)
