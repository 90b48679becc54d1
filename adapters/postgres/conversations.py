from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Integer, Text, any_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Queries, Statement, constant, only
from adapters.postgres.tables import conversations, messages, passages, runs
from application.ports.conversations import EVERYBODY, Conversations, Messages, Runs
from domain.activity import Event
from domain.conversations import Channel, Conversation, Message, MessageRole, Run, RunStatus
from domain.errors import EditConflict, NotFound
from domain.ids import ConversationId, MessageId, RunId, WorkspaceId
from domain.knowledge import SourceKind

_unended = runs.c.status.in_([constant(RunStatus.QUEUED), constant(RunStatus.RUNNING)])
_of_workspace = conversations.c.workspace_id == bindparam("workspace_id")
CONVERSATIONS = Mapped(Conversation, conversations)
_ADD = CONVERSATIONS.inserting()
_LOCK = CONVERSATIONS.by_id(lock=True)
_LOCK_THREAD = Statement(
    CONVERSATIONS.select()
    .where(
        conversations.c.workspace_id == bindparam("workspace_id"),
        conversations.c.channel == bindparam("channel"),
        conversations.c.external_id == bindparam("external_id"),
    )
    .with_for_update(key_share=True),
    CONVERSATIONS.make,
)
_LOCK_ALL = Command(
    select(conversations.c.id).where(_of_workspace).order_by(conversations.c.id).with_for_update(key_share=True)
)
_LOCK_RUNS = Command(
    select(runs.c.id)
    .where(runs.c.conversation_id.in_(select(conversations.c.id).where(_of_workspace)), _unended)
    .order_by(runs.c.id)
    .with_for_update(key_share=True)
)
_SAVE = CONVERSATIONS.replacing_version()
_MARK_INDEXED = Command(
    update(conversations)
    .where(conversations.c.id == bindparam("key"))
    .values(indexed_messages=bindparam("position", type_=Integer()))
)
_ERASE = Command(delete(conversations).where(conversations.c.id == bindparam("id")))
_FORGET = Command(
    delete(passages).where(
        passages.c.kind.in_([constant(SourceKind.MESSAGE), constant(SourceKind.VISITOR_MESSAGE)]),
        passages.c.source_id.in_(select(messages.c.id).where(messages.c.conversation_id == bindparam("id"))),
    )
)
MESSAGES = Mapped(Message, messages)
_ADD_MESSAGE = MESSAGES.inserting()
_MESSAGE = Statement(
    MESSAGES.select().where(
        messages.c.id == bindparam("id"), messages.c.conversation_id == bindparam("conversation_id")
    ),
    MESSAGES.make,
)
_BY_EXTERNAL_ID = Statement(
    MESSAGES.select().where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.external_id == bindparam("external_id"),
    ),
    MESSAGES.make,
)
_newest = (
    MESSAGES.select()
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.role == any_(bindparam("roles", type_=ARRAY(Text()))),
    )
    .order_by(messages.c.position.desc())
    .limit(1)
)
_NEWEST = Statement(_newest, MESSAGES.make)
_NEWEST_LEFT = Statement(_newest.where(messages.c.blanked_at.is_(None)), MESSAGES.make)
_LATER = Statement(
    MESSAGES.select()
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.role == bindparam("role"),
        messages.c.position > bindparam("position"),
    )
    .order_by(messages.c.position)
    .limit(bindparam("most")),
    MESSAGES.make,
)
_AFTER = Statement(
    MESSAGES.select()
    .where(messages.c.conversation_id == bindparam("conversation_id"), messages.c.position > bindparam("position"))
    .order_by(messages.c.position)
    .limit(bindparam("most")),
    MESSAGES.make,
)
_SAVE_MESSAGE = Command(
    update(messages).where(
        messages.c.id == bindparam("key"), messages.c.conversation_id == bindparam("of_conversation")
    ),
    columns=["content", "metadata", "blanked_at"],
)
RUNS = Mapped(Run, runs)
_ADD_RUN = RUNS.inserting()
RUN = RUNS.by_id()
_RUN_IDS: Statement[RunId] = Statement(
    select(runs.c.id).where(runs.c.conversation_id == bindparam("conversation_id")).order_by(runs.c.turn), only
)
_ACTIVE = Statement(
    RUNS.select().where(runs.c.conversation_id == bindparam("conversation_id"), _unended).order_by(runs.c.turn),
    RUNS.make,
)
_ANSWERING = Statement(
    RUNS.select()
    .where(runs.c.conversation_id == bindparam("conversation_id"), runs.c.message_id == bindparam("message_id"))
    .order_by(runs.c.turn),
    RUNS.make,
)
_SAVE_RUN = RUNS.replacing()


class PostgresConversations(Conversations):
    """Conversations, as rows; what belongs to one goes with it by its foreign keys."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, conversation: Conversation, because: Event) -> None:
        await self._queries.run(_ADD, **CONVERSATIONS.values(conversation))
        self._changes.conversation_id = conversation.id
        self._changes.explain(because)

    @override
    async def lock(self, conversation_id: ConversationId) -> Conversation:
        conversation = await self._queries.one(_LOCK, id=conversation_id)
        if conversation is None:
            raise NotFound
        self._changes.conversation_id = conversation.id
        return conversation

    @override
    async def lock_thread(self, workspace_id: WorkspaceId, channel: Channel, external_id: str) -> Conversation | None:
        thread = {"workspace_id": workspace_id, "channel": channel, "external_id": external_id}
        conversation = await self._queries.one(_LOCK_THREAD, **thread)
        if conversation is not None:
            self._changes.conversation_id = conversation.id
        return conversation

    @override
    async def lock_all(self, workspace_id: WorkspaceId) -> None:
        await self._queries.run(_LOCK_ALL, workspace_id=workspace_id)
        await self._queries.run(_LOCK_RUNS, workspace_id=workspace_id)

    @override
    async def save(self, conversation: Conversation, because: Event | None = None) -> Conversation:
        changes = CONVERSATIONS.changes(conversation)
        if not await self._queries.run(_SAVE, key=conversation.id, expected=conversation.version, **changes):
            raise EditConflict
        self._changes.explain(because)
        return replace(conversation, version=conversation.version + 1)

    @override
    async def mark_indexed(self, conversation_id: ConversationId, position: int) -> None:
        await self._queries.run(_MARK_INDEXED, key=conversation_id, position=position)

    @override
    async def erase(self, conversation: Conversation, because: Event) -> None:
        await self._queries.run(_FORGET, id=conversation.id)
        await self._queries.run(_ERASE, id=conversation.id)
        self._changes.explain(because)


class PostgresMessages(Messages):
    """Messages, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, message: Message, because: Event | None = None) -> None:
        await self._queries.run(_ADD_MESSAGE, **MESSAGES.values(message))
        self._changes.explain(because)

    @override
    async def get(self, conversation_id: ConversationId, message_id: MessageId) -> Message:
        message = await self._queries.one(_MESSAGE, conversation_id=conversation_id, id=message_id)
        if message is None:
            raise NotFound
        return message

    @override
    async def by_external_id(self, conversation_id: ConversationId, external_id: str) -> Message | None:
        return await self._queries.one(_BY_EXTERNAL_ID, conversation_id=conversation_id, external_id=external_id)

    @override
    async def newest(
        self, conversation_id: ConversationId, roles: Collection[MessageRole] = EVERYBODY, *, blanked: bool = True
    ) -> Message | None:
        statement = _NEWEST if blanked else _NEWEST_LEFT
        return await self._queries.one(statement, conversation_id=conversation_id, roles=list(roles))

    @override
    async def later(self, message: Message, role: MessageRole, limit: int) -> Sequence[Message]:
        place = {"conversation_id": message.conversation_id, "position": message.position}
        return await self._queries.all(_LATER, role=role, most=limit, **place)

    @override
    async def after(self, conversation_id: ConversationId, position: int, limit: int) -> Sequence[Message]:
        return await self._queries.all(_AFTER, conversation_id=conversation_id, position=position, most=limit)

    @override
    async def save(self, message: Message, because: Event) -> None:
        if not await self._queries.run(
            _SAVE_MESSAGE,
            key=message.id,
            of_conversation=message.conversation_id,
            content=message.content,
            metadata=message.metadata,
            blanked_at=message.blanked_at,
        ):
            raise NotFound
        self._changes.explain(because)


class PostgresRuns(Runs):
    """Runs, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, run: Run, because: Event | None = None) -> None:
        await self._queries.run(_ADD_RUN, **RUNS.values(run))
        self._changes.explain(because)

    @override
    async def get(self, run_id: RunId) -> Run:
        run = await self._queries.one(RUN, id=run_id)
        if run is None:
            raise NotFound
        return run

    @override
    async def ids(self, conversation_id: ConversationId) -> Sequence[RunId]:
        return await self._queries.all(_RUN_IDS, conversation_id=conversation_id)

    @override
    async def active(self, conversation_id: ConversationId) -> Sequence[Run]:
        return await self._queries.all(_ACTIVE, conversation_id=conversation_id)

    @override
    async def answering(self, message: Message) -> Sequence[Run]:
        return await self._queries.all(_ANSWERING, conversation_id=message.conversation_id, message_id=message.id)

    @override
    async def save(self, run: Run, because: Event | None = None) -> None:
        await self._queries.run(_SAVE_RUN, key=run.id, **RUNS.changes(run))
        self._changes.explain(because)

    @override
    async def checkpoint(self, run: Run) -> None:
        await self._queries.run(_SAVE_RUN, key=run.id, **RUNS.changes(run))
