from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from typing_extensions import override

from adapters.memory.pages import in_order
from adapters.memory.passages import MemoryPassages
from adapters.memory.scheduling import active_services
from adapters.memory.store import AnsweredKey, MemoryStore
from adapters.memory.table import Table, Transaction
from application.ports.conversations import EVERYBODY, Conversations, ConversationViews, Messages, MessageView, Runs
from domain.activity import Event
from domain.conversations import (
    BLANKED_TOLD,
    Channel,
    Conversation,
    ConversationKind,
    Message,
    MessageRole,
    Place,
    Run,
    Standing,
    Turn,
)
from domain.conversations.reply_prompt import Addressee, ReplyFacts
from domain.errors import NotFound
from domain.identity import Credential
from domain.ids import ConversationId, MessageId, RunId, UserId, WorkspaceId
from domain.knowledge import Source, SourceKind
from domain.pages import InvalidCursor, Page, encode_cursor

_HISTORY = 100
_TURNS = 10

PartRow = TypeVar("PartRow", Message, Run, Credential, AnsweredKey)


class MemoryConversations(Conversations):
    """Conversations within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    @override
    async def add(self, conversation: Conversation, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._store.conversations, conversation)

    @override
    async def lock(self, conversation_id: ConversationId) -> Conversation:
        conversation = await self._transaction.locked(self._store.conversations, conversation_id)
        if conversation is None:
            raise NotFound
        return conversation

    @override
    async def lock_thread(self, workspace_id: WorkspaceId, channel: Channel, external_id: str) -> Conversation | None:
        thread = (workspace_id, channel, external_id)
        conversations = self._store.conversations
        found = next((row.id for row in self._transaction.all(conversations) if _thread(row) == thread), None)
        if found is None:
            return None
        return await self._transaction.locked(conversations, found)

    @override
    async def lock_all(self, workspace_id: WorkspaceId) -> None:
        for conversation in self._transaction.all(self._store.conversations):
            if conversation.workspace_id == workspace_id:
                await self._transaction.locked(self._store.conversations, conversation.id)
        for run in self._transaction.all(self._store.runs):
            if run.workspace_id == workspace_id and not run.ended:
                await self._transaction.locked(self._store.runs, run.id)

    @override
    async def save(self, conversation: Conversation, because: Event | None = None) -> Conversation:
        self._transaction.explain(because)
        return await self._transaction.replace(self._store.conversations, conversation)

    @override
    async def mark_indexed(self, conversation_id: ConversationId, position: int) -> None:
        conversation = await self._transaction.locked(self._store.conversations, conversation_id)
        if conversation is not None:
            await self._transaction.put(self._store.conversations, replace(conversation, indexed_messages=position))

    @override
    async def erase(self, conversation: Conversation, because: Event) -> None:
        self._transaction.explain(because)
        await self.remove(conversation.id)

    async def remove(self, conversation_id: ConversationId) -> None:
        """The conversation is gone with all that belongs to it."""
        await self._transaction.remove(self._store.conversations, conversation_id)
        passages = MemoryPassages(self._store, self._transaction)
        for message in self._transaction.all(self._store.messages):
            if message.conversation_id == conversation_id:
                for kind in (SourceKind.MESSAGE, SourceKind.VISITOR_MESSAGE):
                    await passages.remove(Source(kind, message.id))
        await self._remove_of(conversation_id, self._store.messages)
        await self._remove_of(conversation_id, self._store.runs)
        await self._remove_of(conversation_id, self._store.credentials)
        await self._remove_of(conversation_id, self._store.idempotency_keys)

    async def _remove_of(self, conversation_id: ConversationId, table: Table[PartRow]) -> None:
        for row in self._transaction.all(table):
            if row.conversation_id == conversation_id:
                await self._transaction.remove(table, table.key(row))


class MemoryMessages(Messages):
    """Messages within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._messages = store.messages
        self._transaction = transaction

    @override
    async def add(self, message: Message, because: Event | None = None) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._messages, message)

    @override
    async def get(self, conversation_id: ConversationId, message_id: MessageId) -> Message:
        message = self._transaction.get(self._messages, message_id)
        if message is None or message.conversation_id != conversation_id:
            raise NotFound
        return message

    @override
    async def by_external_id(self, conversation_id: ConversationId, external_id: str) -> Message | None:
        place = (conversation_id, external_id)
        messages = self._transaction.all(self._messages)
        return next((row for row in messages if (row.conversation_id, row.external_id) == place), None)

    @override
    async def newest(
        self, conversation_id: ConversationId, roles: Collection[MessageRole] = EVERYBODY, *, blanked: bool = True
    ) -> Message | None:
        messages = (found for found in self._transaction.all(self._messages) if blanked or found.blanked_at is None)
        wanted = (found for found in messages if found.conversation_id == conversation_id and found.role in roles)
        return max(wanted, key=lambda message: message.position, default=None)

    @override
    async def later(self, message: Message, role: MessageRole, limit: int) -> Sequence[Message]:
        said = (row for row in self._transaction.all(self._messages) if row.conversation_id == message.conversation_id)
        found = (row for row in said if row.position > message.position and row.role is role)
        return sorted(found, key=lambda row: row.position)[:limit]

    @override
    async def after(self, conversation_id: ConversationId, position: int, limit: int) -> Sequence[Message]:
        said = (row for row in self._transaction.all(self._messages) if row.conversation_id == conversation_id)
        return sorted((row for row in said if row.position > position), key=lambda row: row.position)[:limit]

    @override
    async def save(self, message: Message, because: Event) -> None:
        self._transaction.explain(because)
        stored = await self._transaction.locked(self._messages, message.id)
        if stored is None or stored.conversation_id != message.conversation_id:
            raise NotFound
        await self._transaction.put(
            self._messages,
            replace(stored, content=message.content, metadata=message.metadata, blanked_at=message.blanked_at),
        )


class MemoryRuns(Runs):
    """Runs within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._runs = store.runs
        self._transaction = transaction

    @override
    async def add(self, run: Run, because: Event | None = None) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._runs, run)

    @override
    async def get(self, run_id: RunId) -> Run:
        run = self._transaction.get(self._runs, run_id)
        if run is None:
            raise NotFound
        return run

    @override
    async def ids(self, conversation_id: ConversationId) -> Sequence[RunId]:
        return [run.id for run in _runs_of(conversation_id, self._transaction.all(self._runs))]

    @override
    async def active(self, conversation_id: ConversationId) -> Sequence[Run]:
        return [run for run in _runs_of(conversation_id, self._transaction.all(self._runs)) if not run.ended]

    @override
    async def answering(self, message: Message) -> Sequence[Run]:
        runs = _runs_of(message.conversation_id, self._transaction.all(self._runs))
        return [run for run in runs if run.message_id == message.id]

    @override
    async def save(self, run: Run, because: Event | None = None) -> None:
        self._transaction.explain(because)
        await self._transaction.update(self._runs, run)

    @override
    async def checkpoint(self, run: Run) -> None:
        await self._transaction.update(self._runs, run)


class MemoryConversationViews(ConversationViews):
    """Committed conversations."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def messages(self, conversation_id: ConversationId, since: str | None, limit: int) -> Page[MessageView]:
        messages = [found for found in self._store.messages.rows.values() if found.conversation_id == conversation_id]
        cursor = self._cursor(messages, since)
        page = in_order(map(MessageView.of, messages), lambda view: (view.position,), cursor, limit, int)
        last = encode_cursor(page.items[-1].position) if page.items else cursor
        return Page(items=page.items, next_cursor=last or encode_cursor(0))

    @override
    async def standing(self, conversation_id: ConversationId) -> Standing | None:
        conversation = self._store.conversations.rows.get(conversation_id)
        if conversation is None:
            return None
        messages = self._store.messages.rows.values()
        blanked = [
            (found.blanked_at, found.id)
            for found in messages
            if found.conversation_id == conversation_id and found.blanked_at is not None
        ]
        return Standing(
            status=conversation.status,
            handled_by=conversation.handled_by,
            handler=conversation.handler,
            waiting=conversation.waiting_since is not None,
            blanked=frozenset(message_id for _, message_id in sorted(blanked)[-BLANKED_TOLD:]),
        )

    @override
    async def run(self, run_id: RunId) -> Run | None:
        return self._store.runs.rows.get(run_id)

    @override
    async def turns_from(self, conversation_id: ConversationId, number: int | None) -> Sequence[Turn]:
        runs = {run.turn: run for run in _runs_of(conversation_id, self._store.runs.rows.values())}
        messages = self._store.messages.rows.values()
        said = {found.turn: found for found in messages if found.conversation_id == conversation_id and _heads(found)}
        first = max(runs, default=1) if number is None else number
        numbers = sorted(turn for turn in runs.keys() | said.keys() if turn >= first)
        return [Turn(turn, said.get(turn), runs.get(turn)) for turn in numbers[:_TURNS]]

    @override
    async def place_of(self, conversation_id: ConversationId) -> Place | None:
        conversation = self._store.conversations.rows.get(conversation_id)
        return conversation.place if conversation else None

    @override
    async def conversation_of(self, message_id: MessageId) -> ConversationId | None:
        message = self._store.messages.rows.get(message_id)
        return message.conversation_id if message else None

    @override
    async def unindexed(self, limit: int) -> Sequence[ConversationId]:
        visitors = (row for row in self._store.conversations.rows.values() if row.kind is ConversationKind.VISITOR)
        return [row.id for row in visitors if row.indexed_messages < row.message_count][:limit]

    @override
    async def reply_facts(self, run: Run) -> ReplyFacts | None:
        workspace = self._store.workspaces.rows.get(run.workspace_id)
        if workspace is None or run.conversation_id not in self._store.conversations.rows:
            return None
        connectors = self._store.connectors.rows.values()
        active = next((found for found in connectors if found.active and found.workspace_id == workspace.id), None)
        return ReplyFacts(
            workspace_id=workspace.id,
            business_name=workspace.public_name or workspace.name,
            description=workspace.description,
            tone=workspace.tone,
            language=workspace.language,
            timezone=workspace.timezone,
            assistant=workspace.assistant,
            limits=workspace.limits,
            savings=workspace.savings,
            services=active_services(self._store, workspace.id),
            booking_url=active.url if active else None,
            booking_type=str(active.type) if active else None,
            history=self._history(run),
            addressee=self._addressee(self._store.conversations.rows[run.conversation_id].user_id),
        )

    def _addressee(self, user_id: UserId | None) -> Addressee | None:
        user = self._store.users.rows.get(user_id) if user_id else None
        return Addressee.of(user.id, user.name, user.profile) if user else None

    def _history(self, run: Run) -> Sequence[Message]:
        messages = self._store.messages.rows.values()
        said = sorted((found for found in messages if found.conversation_id == run.conversation_id), key=_by_turn)
        answered = self._store.messages.rows[run.message_id]
        return [message for message in said if _by_turn(message) <= _by_turn(answered)][-_HISTORY:]

    def _cursor(self, messages: Sequence[Message], since: str | None) -> str | None:
        try:
            named = UUID(since or "")
        except ValueError:
            return since
        position = next((message.position for message in messages if message.id == named), None)
        if position is None:
            raise InvalidCursor
        return encode_cursor(position)


def _runs_of(conversation_id: ConversationId, runs: Iterable[Run]) -> list[Run]:
    return sorted((run for run in runs if run.conversation_id == conversation_id), key=lambda run: run.turn)


def _thread(conversation: Conversation) -> tuple[WorkspaceId, Channel, str | None]:
    return conversation.workspace_id, conversation.channel, conversation.external_id


def _heads(message: Message) -> bool:
    return message.role is not MessageRole.ASSISTANT


def _by_turn(message: Message) -> tuple[int, int]:
    return message.turn, message.position
