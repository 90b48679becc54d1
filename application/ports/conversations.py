from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from application.ports.identity import Credentials
from application.ports.jobs import Jobs
from application.ports.passages import Passages
from application.ports.unit_of_work import UnitOfWork
from application.ports.usage import UsageLedger
from application.ports.webhooks import Deliveries, Webhooks
from domain.activity import Event
from domain.actors import Actor
from domain.conversations import (
    RUN_ERRORS,
    Channel,
    Conversation,
    Message,
    MessageRole,
    MessageStatus,
    Place,
    Run,
    RunErrorCode,
    RunStatus,
    Standing,
    Step,
    Turn,
    Usage,
)
from domain.conversations.reply_prompt import ReplyFacts
from domain.ids import ConversationId, MessageId, RunId, WorkspaceId
from domain.json import JsonValue
from domain.pages import Page


class Conversations(Protocol):
    """The threads."""

    async def add(self, conversation: Conversation, because: Event) -> None:
        """Stores a new conversation.

        Raises:
            ThreadExists: its workspace has another of the same thread on its channel.
        """
        ...

    async def lock(self, conversation_id: ConversationId) -> Conversation:
        """The conversation as it is now, which nobody else changes until the unit ends.

        Raises:
            NotFound: there is none.
        """
        ...

    async def lock_thread(self, workspace_id: WorkspaceId, channel: Channel, external_id: str) -> Conversation | None:
        """The workspace's conversation of this thread, locked as by `lock`; None when there is none."""
        ...

    async def lock_all(self, workspace_id: WorkspaceId) -> None:
        """All conversations of the workspace are locked as by `lock`, and their unended runs too."""
        ...

    async def save(self, conversation: Conversation, because: Event | None = None) -> Conversation:
        """Replaces the version that was read, and returns what is stored now, its version raised by one.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...

    async def mark_indexed(self, conversation_id: ConversationId, position: int) -> None:
        """Its messages up to this position are findable; needs no event, and makes no new version."""
        ...

    async def erase(self, conversation: Conversation, because: Event) -> None:
        """Removes the conversation with its messages, their passages, its runs, credentials and idempotency keys."""
        ...


EVERYBODY = frozenset(MessageRole)


class Messages(Protocol):
    """What was said."""

    async def add(self, message: Message, because: Event | None = None) -> None:
        """Stores a new message."""
        ...

    async def get(self, conversation_id: ConversationId, message_id: MessageId) -> Message:
        """The message, if it is of this conversation.

        Raises:
            NotFound: there is none.
        """
        ...

    async def by_external_id(self, conversation_id: ConversationId, external_id: str) -> Message | None:
        """The conversation's message with this id on its channel, or None."""
        ...

    async def newest(
        self, conversation_id: ConversationId, roles: Collection[MessageRole] = EVERYBODY, *, blanked: bool = True
    ) -> Message | None:
        """The last to arrive of those in one of these roles, or None when there is none.

        Without `blanked` those whose content was taken away do not count.
        """
        ...

    async def later(self, message: Message, role: MessageRole, limit: int) -> Sequence[Message]:
        """Up to `limit` messages of its conversation in this role that came after the message, the first one first."""
        ...

    async def after(self, conversation_id: ConversationId, position: int, limit: int) -> Sequence[Message]:
        """Up to `limit` messages of the conversation behind this position, the first one first."""
        ...

    async def save(self, message: Message, because: Event) -> None:
        """Replaces the content and metadata of a message, and when it was blanked; nothing else of it.

        Raises:
            NotFound: there is no such message any more.
        """
        ...


class Runs(Protocol):
    """The replies being made."""

    async def add(self, run: Run, because: Event | None = None) -> None:
        """Stores a new run."""
        ...

    async def get(self, run_id: RunId) -> Run:
        """The run.

        Raises:
            NotFound: there is none.
        """
        ...

    async def ids(self, conversation_id: ConversationId) -> Sequence[RunId]:
        """All runs of the conversation, in order."""
        ...

    async def active(self, conversation_id: ConversationId) -> Sequence[Run]:
        """The conversation's runs that have not ended, in order."""
        ...

    async def answering(self, message: Message) -> Sequence[Run]:
        """All runs that answer the message, in order."""
        ...

    async def save(self, run: Run, because: Event | None = None) -> None:
        """Replaces a run.

        Raises:
            RunInProgress: it is running, and so is another of the conversation.
        """
        ...

    async def checkpoint(self, run: Run) -> None:
        """Replaces a run that only grew; needs no event."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message as both sides see it.

    Attributes:
        metadata: of a companion's reply `memories` and `documents`: the ids of those it rests on; of one that was rated
            `feedback`.
    """

    id: MessageId
    conversation_id: ConversationId
    position: int
    role: MessageRole
    author: Actor
    content: str
    status: MessageStatus
    run_id: RunId | None
    metadata: Mapping[str, JsonValue]
    created_at: datetime
    blanked_at: datetime | None

    @classmethod
    def of(cls, message: Message) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=message.id,
            conversation_id=message.conversation_id,
            position=message.position,
            role=message.role,
            author=message.author,
            content=message.content,
            status=message.status,
            run_id=message.run_id,
            metadata=message.metadata,
            created_at=message.created_at,
            blanked_at=message.blanked_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunErrorView:
    """Why a run failed, in public."""

    code: RunErrorCode
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as both sides see it."""

    id: RunId
    conversation_id: ConversationId
    message_id: MessageId
    reply_message_id: MessageId
    status: RunStatus
    attempt: int
    model: str | None
    usage: Usage | None
    steps: Sequence[Step]
    error: RunErrorView | None
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=run.id,
            conversation_id=run.conversation_id,
            message_id=run.message_id,
            reply_message_id=run.reply_message_id,
            status=run.status,
            attempt=run.attempt,
            model=run.model,
            usage=run.usage,
            steps=run.steps,
            error=RunErrorView(code=run.error, message=RUN_ERRORS[run.error]) if run.error else None,
            started_at=run.started_at,
            ended_at=run.ended_at,
        )


class ConversationViews(Protocol):
    """Conversations, to look at."""

    async def messages(self, conversation_id: ConversationId, since: str | None, limit: int) -> Page[MessageView]:
        """The messages, oldest first; `next_cursor` is always set, so that polling can go on.

        Args:
            conversation_id: of which conversation.
            since: a `next_cursor`, or the id of a message: what came after it.
            limit: how many at most.

        Raises:
            InvalidCursor: it is neither.
        """
        ...

    async def standing(self, conversation_id: ConversationId) -> Standing | None:
        """How the conversation stands now, or None when there is no such conversation."""
        ...

    async def run(self, run_id: RunId) -> Run | None:
        """The run, or None."""
        ...

    async def turns_from(self, conversation_id: ConversationId, number: int | None) -> Sequence[Turn]:
        """The turns with this number and greater ones, in order, 10 at most, all as of one moment.

        With None from that of the newest run on, or from the first when there is no run.
        """
        ...

    async def place_of(self, conversation_id: ConversationId) -> Place | None:
        """Where the conversation belongs, or None when there is no such conversation."""
        ...

    async def conversation_of(self, message_id: MessageId) -> ConversationId | None:
        """The conversation of the message, or None when there is no such message."""
        ...

    async def unindexed(self, limit: int) -> Sequence[ConversationId]:
        """Up to `limit` visitors' conversations with messages that are not marked as indexed; of all workspaces."""
        ...

    async def reply_facts(self, run: Run) -> ReplyFacts | None:
        """What the run's reply is made from, or None when the conversation is gone."""
        ...


class ConversationsWork(UnitOfWork, Protocol):
    """What use cases of conversations touch."""

    conversations: Conversations
    messages: Messages
    runs: Runs
    credentials: Credentials
    jobs: Jobs
    usage: UsageLedger
    webhooks: Webhooks
    deliveries: Deliveries
    passages: Passages
