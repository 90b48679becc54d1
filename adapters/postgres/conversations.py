from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, delete, update
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Queries, Statement, constant
from adapters.postgres.tables import conversations, messages, runs
from application.ports.conversations import Conversations, Messages, Runs
from domain.activity import Event
from domain.conversations import Conversation, Message, Run, RunStatus
from domain.errors import EditConflict, NotFound
from domain.ids import ConversationId, MessageId, RunId

_CONVERSATIONS = Mapped(Conversation, conversations)
_ADD = _CONVERSATIONS.inserting()
_LOCK = _CONVERSATIONS.by_id(lock=True)
_SAVE = _CONVERSATIONS.replacing_version()
_ERASE = Command(delete(conversations).where(conversations.c.id == bindparam("id")))
MESSAGES = Mapped(Message, messages)
_ADD_MESSAGE = MESSAGES.inserting()
_MESSAGE = Statement(
    MESSAGES.select().where(
        messages.c.id == bindparam("id"), messages.c.conversation_id == bindparam("conversation_id")
    ),
    MESSAGES.make,
)
_SAVE_METADATA = Command(
    update(messages).where(
        messages.c.id == bindparam("key"), messages.c.conversation_id == bindparam("of_conversation")
    ),
    columns=["metadata"],
)
RUNS = Mapped(Run, runs)
_ADD_RUN = RUNS.inserting()
RUN = RUNS.by_id()
_ACTIVE = Statement(
    RUNS.select()
    .where(
        runs.c.conversation_id == bindparam("conversation_id"),
        runs.c.status.in_([constant(RunStatus.QUEUED), constant(RunStatus.RUNNING)]),
    )
    .order_by(runs.c.number),
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
        await self._queries.run(_ADD, **_CONVERSATIONS.values(conversation))
        self._changes.started = conversation.id
        self._changes.explain(because)

    @override
    async def lock(self, conversation_id: ConversationId) -> Conversation:
        conversation = await self._queries.one(_LOCK, id=conversation_id)
        if conversation is None:
            raise NotFound
        return conversation

    @override
    async def save(self, conversation: Conversation, because: Event | None = None) -> Conversation:
        changes = _CONVERSATIONS.changes(conversation)
        if not await self._queries.run(_SAVE, key=conversation.id, expected=conversation.version, **changes):
            raise EditConflict
        self._changes.explain(because)
        return replace(conversation, version=conversation.version + 1)

    @override
    async def erase(self, conversation: Conversation, because: Event) -> None:
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
    async def save_metadata(self, message: Message, because: Event) -> None:
        if not await self._queries.run(
            _SAVE_METADATA, key=message.id, of_conversation=message.conversation_id, metadata=message.metadata
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
    async def active(self, conversation_id: ConversationId) -> Sequence[Run]:
        return await self._queries.all(_ACTIVE, conversation_id=conversation_id)

    @override
    async def save(self, run: Run, because: Event) -> None:
        await self._queries.run(_SAVE_RUN, key=run.id, **RUNS.changes(run))
        self._changes.explain(because)

    @override
    async def checkpoint(self, run: Run) -> None:
        await self._queries.run(_SAVE_RUN, key=run.id, **RUNS.changes(run))
