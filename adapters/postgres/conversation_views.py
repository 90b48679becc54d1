from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select, true
from sqlalchemy.sql.elements import ColumnElement
from typing_extensions import override

from adapters.postgres.conversations import MESSAGES, RUN, RUNS
from adapters.postgres.scheduling import ACTIVE_SERVICES
from adapters.postgres.statements import Database, Statement, only
from adapters.postgres.tables import connectors, conversations, messages, runs, workspaces
from adapters.postgres.workspaces import public_name
from application.ports.conversations import ConversationViews, MessageView
from domain.conversations import Message, Run
from domain.conversations.reply_prompt import ReplyFacts
from domain.ids import ConversationId, RunId, WorkspaceId
from domain.pages import InvalidCursor, Page, decode_cursor, encode_cursor
from domain.workspaces import Assistant, Tone

_MOST_RUNS = 10
_MOST_HISTORY = 100


def _view(**columns: Any) -> MessageView:
    return MessageView.of(MESSAGES.make(**columns))


def _view_after(*, since: int, **columns: Any) -> tuple[int, MessageView | None]:
    return since, None if columns["id"] is None else _view(**columns)


_m = messages.c
_of_conversation: ColumnElement[bool] = _m.conversation_id == bindparam("conversation_id")
_AFTER = Statement(
    MESSAGES.select()
    .where(_of_conversation, _m.position > bindparam("position"))
    .order_by(_m.position)
    .limit(bindparam("most")),
    _view,
)
_named = select(_m.conversation_id, _m.position).where(_of_conversation, _m.id == bindparam("since")).subquery("named")
_AFTER_NAMED = Statement(
    select(_named.c.position.label("since"), *MESSAGES.columns)
    .join_from(
        _named,
        messages,
        and_(_m.conversation_id == _named.c.conversation_id, _m.position > _named.c.position),
        isouter=True,
    )
    .order_by(_m.position)
    .limit(bindparam("most")),
    _view_after,
)
_EXISTS = Statement(select(conversations.c.id).where(conversations.c.id == bindparam("id")), only)
_runs_of = RUNS.select().where(runs.c.conversation_id == bindparam("conversation_id"))
_NEWEST_RUN = Statement(_runs_of.order_by(runs.c.number.desc()).limit(1), RUNS.make)
_RUNS_FROM = Statement(
    _runs_of.where(runs.c.number >= bindparam("number")).order_by(runs.c.number).limit(_MOST_RUNS), RUNS.make
)

_asked = select(_m.position).where(_m.id == bindparam("message_id")).scalar_subquery()
_HISTORY = Statement(
    MESSAGES.select()
    .where(
        _of_conversation,
        or_(_m.turn < bindparam("turn"), and_(_m.turn == bindparam("turn"), _m.position <= _asked)),
    )
    .order_by(_m.turn.desc(), _m.position.desc())
    .limit(_MOST_HISTORY),
    MESSAGES.make,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Business:
    workspace_id: WorkspaceId
    business_name: str
    description: str
    tone: Tone
    language: str
    timezone: str
    assistant: Assistant
    booking_url: str | None
    booking_type: str | None


_w = workspaces.c
_BUSINESS = Statement(
    select(
        _w.id.label("workspace_id"),
        public_name.label("business_name"),
        _w.description,
        _w.tone,
        _w.language,
        _w.timezone,
        _w.assistant,
        connectors.c.url.label("booking_url"),
        connectors.c.type.label("booking_type"),
    )
    .join_from(conversations, workspaces, _w.id == conversations.c.workspace_id)
    .join(connectors, and_(connectors.c.workspace_id == _w.id, connectors.c.active == true()), isouter=True)
    .where(conversations.c.id == bindparam("id")),
    _Business,
)


class PostgresConversationViews(ConversationViews):
    """Conversations, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def messages(self, conversation_id: ConversationId, since: str | None, limit: int) -> Page[MessageView]:
        message_id = _uuid(since)
        if message_id is not None:
            return await self._after_named(conversation_id, message_id, limit)
        position = 0 if since is None else _position(since)
        found = await self._database.all(_AFTER, conversation_id=conversation_id, position=position, most=limit)
        return _page(found, position)

    @override
    async def exists(self, conversation_id: ConversationId) -> bool:
        return await self._database.one(_EXISTS, id=conversation_id) is not None

    @override
    async def run(self, run_id: RunId) -> Run | None:
        return await self._database.one(RUN, id=run_id)

    @override
    async def runs_from(self, conversation_id: ConversationId, number: int | None) -> Sequence[Run]:
        if number is None:
            return await self._database.all(_NEWEST_RUN, conversation_id=conversation_id)
        return await self._database.all(_RUNS_FROM, conversation_id=conversation_id, number=number)

    @override
    async def reply_facts(self, run: Run) -> ReplyFacts | None:
        business = await self._database.one(_BUSINESS, id=run.conversation_id)
        if business is None:
            return None
        services = await self._database.all(ACTIVE_SERVICES, workspace_id=business.workspace_id)
        return ReplyFacts(
            workspace_id=business.workspace_id,
            business_name=business.business_name,
            description=business.description,
            tone=business.tone,
            language=business.language,
            timezone=business.timezone,
            assistant=business.assistant,
            services=services,
            booking_url=business.booking_url,
            booking_type=business.booking_type,
            history=await self._history(run),
        )

    async def _after_named(self, conversation_id: ConversationId, message_id: UUID, limit: int) -> Page[MessageView]:
        rows = await self._database.all(_AFTER_NAMED, conversation_id=conversation_id, since=message_id, most=limit)
        if not rows:
            raise InvalidCursor
        return _page([view for _, view in rows if view is not None], rows[0][0])

    async def _history(self, run: Run) -> list[Message]:
        found = await self._database.all(
            _HISTORY, conversation_id=run.conversation_id, turn=run.number, message_id=run.message_id
        )
        return found[::-1]


def _page(found: Sequence[MessageView], position: int) -> Page[MessageView]:
    return Page(items=found, next_cursor=encode_cursor(found[-1].position if found else position))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _position(cursor: str) -> int:
    (position,) = decode_cursor(cursor, int)
    if not isinstance(position, int) or not 0 <= position < 2**31:
        raise InvalidCursor
    return position
