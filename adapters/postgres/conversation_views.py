from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, and_, bindparam, func, select, true, tuple_
from sqlalchemy.sql.elements import ColumnElement
from typing_extensions import override

from adapters.postgres.conversations import MESSAGES, RUN, RUNS
from adapters.postgres.makers import Maker
from adapters.postgres.rows import Mapped
from adapters.postgres.scheduling import ACTIVE_SERVICES
from adapters.postgres.statements import Database, Statement, constant, only
from adapters.postgres.tables import connectors, conversations, messages, runs, users, workspaces
from adapters.postgres.workspaces import public_name
from application.ports.conversations import ConversationViews, MessageView
from domain.actors import Actor
from domain.conversations import BLANKED_TOLD, ConversationKind, Message, MessageRole, Place, Run, Standing, Turn
from domain.conversations.reply_prompt import Addressee, ReplyFacts
from domain.identity import Profile
from domain.ids import ConversationId, MessageId, RunId, UserId, WorkspaceId
from domain.pages import InvalidCursor, Page, decode_cursor, encode_cursor
from domain.workspaces import Assistant, Savings, Tone, WorkspaceLimits

_MOST_TURNS = 10
_MOST_HISTORY = 100


_MESSAGE_VIEWS = Mapped(MessageView, messages)


def _view_after(*, since: int, **columns: Any) -> tuple[int, MessageView | None]:
    return since, None if columns["id"] is None else _MESSAGE_VIEWS.make(**columns)


_m = messages.c
_of_conversation: ColumnElement[bool] = _m.conversation_id == bindparam("conversation_id")
_AFTER = Statement(
    _MESSAGE_VIEWS.select()
    .where(_of_conversation, _m.position > bindparam("position"))
    .order_by(_m.position)
    .limit(bindparam("most")),
    _MESSAGE_VIEWS.make,
)
_named = select(_m.conversation_id, _m.position).where(_of_conversation, _m.id == bindparam("since")).subquery("named")
_AFTER_NAMED = Statement(
    select(_named.c.position.label("since"), *_MESSAGE_VIEWS.columns)
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
_c = conversations.c
_last_blanked = (
    select(_m.id)
    .where(_m.conversation_id == _c.id, _m.blanked_at.is_not(None))
    .order_by(_m.blanked_at.desc(), _m.id.desc())
    .limit(BLANKED_TOLD)
    .scalar_subquery()
)


def _stands(*, blanked: list[MessageId], **columns: Any) -> Standing:
    return Standing(blanked=frozenset(blanked), **columns)


_STANDING = Statement(
    select(
        _c.status,
        _c.handled_by,
        _c.handler_type,
        _c.handler_id,
        _c.handler_name,
        _c.waiting_since.is_not(None).label("waiting"),
        func.array(_last_blanked, type_=ARRAY(Uuid())).label("blanked"),
    ).where(_c.id == bindparam("id")),
    Maker(
        _stands,
        {
            **{name: name for name in ("status", "handled_by", "waiting", "blanked")},
            "handler": Maker(
                Actor, {"type": "handler_type", "id": "handler_id", "name": "handler_name"}, optional=True
            ),
        },
    ),
)
_PLACE_OF = Statement(
    select(conversations.c.workspace_id, conversations.c.user_id).where(conversations.c.id == bindparam("id")), Place
)

_UNINDEXED: Statement[ConversationId] = Statement(
    select(_c.id)
    .where(_c.kind == constant(ConversationKind.VISITOR), _c.indexed_messages < _c.message_count)
    .order_by(_c.id)
    .limit(bindparam("most")),
    only,
)
_CONVERSATION_OF: Statement[ConversationId] = Statement(
    select(_m.conversation_id).where(_m.id == bindparam("id")), only
)


def _turn(**columns: Any) -> Turn:
    said = {name: columns[f"said_{name}"] for name in _MESSAGE_NAMES}
    run = {name: columns[f"run_{name}"] for name in _RUN_NAMES}
    message = None if said["id"] is None else MESSAGES.make(**said)
    return Turn(columns["number"], message, None if run["id"] is None else RUNS.make(**run))


def _turns_from(first: ColumnElement[int]) -> Statement[Turn]:
    """One statement, so that no run is missed that comes with the message it answers."""
    said = (
        select(*(column.label(f"said_{column.name}") for column in MESSAGES.columns))
        .where(_of_conversation, _m.role != constant(MessageRole.ASSISTANT), _m.turn >= first)
        .subquery("said")
    )
    made = (
        select(*(column.label(f"run_{column.name}") for column in RUNS.columns))
        .where(runs.c.conversation_id == bindparam("conversation_id"), runs.c.turn >= first)
        .subquery("made")
    )
    number = func.coalesce(said.c.said_turn, made.c.run_turn).label("number")
    both = select(number, *said.c, *made.c).join_from(said, made, said.c.said_turn == made.c.run_turn, full=True)
    return Statement(both.order_by(number).limit(_MOST_TURNS), _turn)


_MESSAGE_NAMES = [column.name for column in MESSAGES.columns]
_RUN_NAMES = [column.name for column in RUNS.columns]
_newest_run = select(func.max(runs.c.turn)).where(runs.c.conversation_id == bindparam("conversation_id"))
_TURNS_FROM = _turns_from(bindparam("number", type_=Integer()))
_NEWEST_TURNS = _turns_from(func.coalesce(_newest_run.scalar_subquery(), 1))

_asked = select(_m.turn, _m.position).where(_m.id == bindparam("message_id")).scalar_subquery()
_HISTORY = Statement(
    MESSAGES.select()
    .where(_of_conversation, tuple_(_m.turn, _m.position) <= _asked)
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
    limits: WorkspaceLimits
    savings: Savings
    booking_url: str | None
    booking_type: str | None
    user_id: UserId | None
    user_name: str | None
    profile: Profile | None

    @property
    def addressee(self) -> Addressee | None:
        if self.user_id is None or self.user_name is None or self.profile is None:
            return None
        return Addressee.of(self.user_id, self.user_name, self.profile)


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
        _w.limits,
        _w.savings,
        connectors.c.url.label("booking_url"),
        connectors.c.type.label("booking_type"),
        users.c.id.label("user_id"),
        users.c.name.label("user_name"),
        users.c.profile,
    )
    .join_from(conversations, workspaces, _w.id == conversations.c.workspace_id)
    .join(users, users.c.id == conversations.c.user_id, isouter=True)
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
    async def standing(self, conversation_id: ConversationId) -> Standing | None:
        return await self._database.one(_STANDING, id=conversation_id)

    @override
    async def run(self, run_id: RunId) -> Run | None:
        return await self._database.one(RUN, id=run_id)

    @override
    async def turns_from(self, conversation_id: ConversationId, number: int | None) -> Sequence[Turn]:
        if number is None:
            return await self._database.all(_NEWEST_TURNS, conversation_id=conversation_id)
        return await self._database.all(_TURNS_FROM, conversation_id=conversation_id, number=number)

    @override
    async def place_of(self, conversation_id: ConversationId) -> Place | None:
        return await self._database.one(_PLACE_OF, id=conversation_id)

    @override
    async def conversation_of(self, message_id: MessageId) -> ConversationId | None:
        return await self._database.one(_CONVERSATION_OF, id=message_id)

    @override
    async def unindexed(self, limit: int) -> Sequence[ConversationId]:
        return await self._database.all(_UNINDEXED, most=limit)

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
            limits=business.limits,
            savings=business.savings,
            services=services,
            booking_url=business.booking_url,
            booking_type=business.booking_type,
            history=await self._history(run),
            addressee=business.addressee,
        )

    async def _after_named(self, conversation_id: ConversationId, message_id: UUID, limit: int) -> Page[MessageView]:
        rows = await self._database.all(_AFTER_NAMED, conversation_id=conversation_id, since=message_id, most=limit)
        if not rows:
            raise InvalidCursor
        return _page([view for _, view in rows if view is not None], rows[0][0])

    async def _history(self, run: Run) -> list[Message]:
        found = await self._database.all(_HISTORY, conversation_id=run.conversation_id, message_id=run.message_id)
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
