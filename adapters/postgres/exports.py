from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, select, union_all
from typing_extensions import override

from adapters.postgres.conversations import CONVERSATIONS, MESSAGES, RUNS
from adapters.postgres.statements import Database, Statement, constant
from adapters.postgres.tables import conversations, messages, runs, workspaces
from adapters.postgres.workspaces import public_name
from application.ports.conversations import MessageView
from application.ports.exports import ConversationExports, ExportHead, MessageExports
from domain.actors import ASSISTANT, ActorType
from domain.conversations import Exchange, MessageRole
from domain.ids import ConversationId, MessageId, UserId


def _head(*, business_name: str, timezone: str, **columns: Any) -> ExportHead:
    return ExportHead(conversation=CONVERSATIONS.make(**columns), business_name=business_name, timezone=timezone)


_HEAD = Statement(
    select(*CONVERSATIONS.columns, public_name.label("business_name"), workspaces.c.timezone)
    .join_from(conversations, workspaces, workspaces.c.id == conversations.c.workspace_id)
    .where(conversations.c.id == bindparam("id")),
    _head,
)

_MESSAGE_NAMES = [column.name for column in MESSAGES.columns]
_RUN_NAMES = [column.name for column in RUNS.columns]


def _exchange(**columns: Any) -> Exchange:
    said, reply = ({name: columns[f"{part}_{name}"] for name in _MESSAGE_NAMES} for part in ("said", "reply"))
    run = {name: columns[f"run_{name}"] for name in _RUN_NAMES}
    return Exchange(
        None if said["id"] is None else MESSAGES.make(**said),
        None if run["id"] is None else RUNS.make(**run),
        None if reply["id"] is None else MESSAGES.make(**reply),
    )


_first, _last = (bindparam(name, type_=Integer()) for name in ("first", "last"))
_said = (
    select(*(column.label(f"said_{column.name}") for column in MESSAGES.columns))
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.role != constant(MessageRole.ASSISTANT),
        messages.c.turn.between(_first, _last),
    )
    .subquery("said")
)
_made = (
    select(*(column.label(f"run_{column.name}") for column in RUNS.columns))
    .where(runs.c.conversation_id == bindparam("conversation_id"), runs.c.turn.between(_first, _last))
    .subquery("made")
)
_replies = messages.alias("replies")
_EXCHANGES = Statement(
    select(*_said.c, *_made.c, *(_replies.c[name].label(f"reply_{name}") for name in _MESSAGE_NAMES))
    .join_from(_said, _made, _said.c.said_turn == _made.c.run_turn, full=True)
    .join(_replies, _replies.c.id == _made.c.run_reply_message_id, isouter=True)
    .order_by(func.coalesce(_said.c.said_turn, _made.c.run_turn)),
    _exchange,
)


def _view(**columns: Any) -> MessageView:
    return MessageView.of(MESSAGES.make(**columns))


_by_user = and_(messages.c.author_id == bindparam("user_id"), messages.c.author_type == constant(ActorType.USER))
_by_companion = and_(
    messages.c.author_type == constant(ASSISTANT.type),
    messages.c.conversation_id.in_(select(conversations.c.id).where(conversations.c.user_id == bindparam("user_id"))),
)


@cache
def _written(*, behind: bool) -> Statement[MessageView]:
    """Each part by its own index: of both conditions at once there is none."""
    after = (messages.c.id > bindparam("after"),) if behind else ()
    parts = (
        MESSAGES.select().where(whose, *after).order_by(messages.c.id).limit(bindparam("most")).subquery()
        for whose in (_by_user, _by_companion)
    )
    both = union_all(*(select(part) for part in parts)).subquery("written")
    return Statement(select(both).order_by(both.c.id).limit(bindparam("most")), _view)


class PostgresConversationExports(ConversationExports):
    """Conversations, straight from their rows; each piece is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def head(self, conversation_id: ConversationId) -> ExportHead | None:
        return await self._database.one(_HEAD, id=conversation_id)

    @override
    async def exchanges(self, conversation_id: ConversationId, first: int, last: int) -> Sequence[Exchange]:
        return await self._database.all(_EXCHANGES, conversation_id=conversation_id, first=first, last=last)


class PostgresMessageExports(MessageExports):
    """Messages of a user, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def written_by(self, user_id: UserId, after: MessageId | None, limit: int) -> Sequence[MessageView]:
        given = {} if after is None else {"after": after}
        return await self._database.all(_written(behind=after is not None), user_id=user_id, most=limit, **given)
