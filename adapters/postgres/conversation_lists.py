from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Select, any_, bindparam, func, lateral, or_, select, true, tuple_
from sqlalchemy.sql.elements import ColumnElement
from typing_extensions import override

from adapters.postgres.conversations import CONVERSATIONS
from adapters.postgres.pages import place
from adapters.postgres.statements import Database, Statement, constant
from adapters.postgres.tables import conversations, messages
from application.ports.conversation_lists import (
    EXCERPT_READ,
    ConversationCounts,
    ConversationFilters,
    ConversationLists,
    ConversationPage,
    ConversationView,
    LastMessage,
)
from domain.conversations import ConversationStatus, HandledBy, MessageRole
from domain.ids import ConversationId, WorkspaceId
from domain.pages import page_of

_c, _m = conversations.c, messages.c
_PLACE = (_c.updated_at, _c.id)


def _view(*, last_role: MessageRole | None, last_content: Any, last_at: Any, **columns: Any) -> ConversationView:
    last = None if last_role is None else LastMessage.saying(last_content, last_role, last_at)
    return ConversationView.of(CONVERSATIONS.make(**columns), last)


def _with_last(found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The conversations, few as they are by now, each with the last message in it."""
    page = found.subquery("page")
    last = lateral(
        select(
            _m.role.label("last_role"),
            func.left(_m.content, EXCERPT_READ).label("last_content"),
            _m.created_at.label("last_at"),
        )
        .where(_m.conversation_id == page.c.id)
        .order_by(_m.position.desc())
        .limit(1),
        "last",
    )
    both = select(*page.c, *last.c).join_from(page, last, true(), isouter=True)
    return both.order_by(page.c.updated_at.desc(), page.c.id.desc())


def _holds(text: ColumnElement[Any]) -> ColumnElement[bool]:
    """Not LIKE, in whose pattern some of a visitor's letters would mean others."""
    return func.strpos(func.lower(text), func.lower(bindparam("q"))) > 0


# Not EXISTS, for which the planner would read the messages of all workspaces first.
_SAID = select(true()).where(_m.conversation_id == _c.id, _holds(_m.content)).limit(1).scalar_subquery()
_WANTED: Mapping[str, ColumnElement[bool]] = {
    "status": _c.status == bindparam("status"),
    "tag": bindparam("tag") == any_(_c.tags),
    "q": or_(_holds(_c.visitor_name), _holds(_c.visitor_email), _SAID),
    "channel": _c.channel == bindparam("channel"),
    "handled_by": _c.handled_by == bindparam("handled_by"),
    "waiting": _c.waiting_since.is_not(None) == bindparam("waiting"),
}


def _of_kind(*, companions: bool) -> ColumnElement[bool]:
    return _c.user_id == bindparam("user_id") if companions else _c.user_id.is_(None)


@cache
def _listing(filters: frozenset[str], *, behind: bool) -> Statement[ConversationView]:
    found = CONVERSATIONS.select().where(
        _c.workspace_id == bindparam("workspace_id"),
        _of_kind(companions="user_id" in filters),
        *(_WANTED[name] for name in sorted(filters - {"user_id"})),
    )
    if behind:
        found = found.where(tuple_(*_PLACE) < tuple_(bindparam("at"), bindparam("id")))
    newest = found.order_by(*(column.desc() for column in _PLACE)).limit(bindparam("most"))
    return Statement(_with_last(newest), _view)


_ONE = Statement(_with_last(CONVERSATIONS.select().where(_c.id == bindparam("id"))), _view)


@cache
def _counts(*, companions: bool) -> Statement[ConversationCounts]:
    counted = select(
        func.count().label("open"),
        func.count(_c.waiting_since).label("waiting"),
        func.count().filter(_c.handled_by == constant(HandledBy.HUMAN)).label("human"),
    )
    of_workspace = _c.workspace_id == bindparam("workspace_id")
    is_open = _c.status == constant(ConversationStatus.OPEN)
    return Statement(counted.where(of_workspace, is_open, _of_kind(companions=companions)), ConversationCounts)


class PostgresConversationLists(ConversationLists):
    """Conversations, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def page(
        self, workspace_id: WorkspaceId, filters: ConversationFilters, cursor: str | None, limit: int
    ) -> ConversationPage:
        given = {field.name: getattr(filters, field.name) for field in fields(filters)}
        given = {name: value for name, value in given.items() if value is not None}
        listing = _listing(frozenset(given), behind=cursor is not None)
        found = await self._database.all(listing, workspace_id=workspace_id, **given, **place(cursor, limit))
        whose = {} if filters.user_id is None else {"user_id": filters.user_id}
        (counts,) = await self._database.all(_counts(companions=bool(whose)), workspace_id=workspace_id, **whose)
        page = page_of(found, limit, lambda view: (view.updated_at.isoformat(), str(view.id)))
        return ConversationPage(items=page.items, next_cursor=page.next_cursor, counts=counts)

    @override
    async def conversation(self, conversation_id: ConversationId) -> ConversationView | None:
        return await self._database.one(_ONE, id=conversation_id)
