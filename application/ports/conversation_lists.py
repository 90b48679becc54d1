from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from domain.actors import Actor
from domain.conversations import (
    Channel,
    Conversation,
    ConversationKind,
    ConversationStatus,
    HandledBy,
    Message,
    MessageRole,
    Place,
    Visitor,
)
from domain.ids import ConversationId, UserId, WorkspaceId

EXCERPT_LENGTH = 140
EXCERPT_READ = 1_000
"""How many code points of a message its excerpt is made from: the rest need not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastMessage:
    """What was said last: `excerpt` is its beginning on one line, `EXCERPT_LENGTH` code points at most."""

    role: MessageRole
    excerpt: str
    at: datetime

    @classmethod
    def saying(cls, content: str, role: MessageRole, at: datetime) -> Self:
        """A message of which `content` holds the first `EXCERPT_READ` code points at least."""
        line = " ".join(content[:EXCERPT_READ].split())
        return cls(role=role, excerpt=line[:EXCERPT_LENGTH].rstrip(), at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """A conversation as members see it.

    Attributes:
        user_id: whose companion it is with, who alone sees it; None when it is a visitor's.
        thread_id: its own id on a channel other than the web.
    """

    id: ConversationId
    workspace_id: WorkspaceId
    kind: ConversationKind
    user_id: UserId | None
    channel: Channel
    thread_id: str | None
    status: ConversationStatus
    handled_by: HandledBy
    handler: Actor | None
    visitor: Visitor
    tags: Sequence[str]
    minutes_saved: int
    message_count: int
    last_message: LastMessage | None
    waiting_since: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None

    @property
    def place(self) -> Place:
        """Where it belongs."""
        return Place(self.workspace_id, self.user_id)

    @classmethod
    def of(cls, conversation: Conversation, last: Message | LastMessage | None) -> Self:
        """The view of what was just written or read, and the last message in it."""
        if isinstance(last, Message):
            last = LastMessage.saying(last.content, last.role, last.created_at)
        return cls(
            id=conversation.id,
            workspace_id=conversation.workspace_id,
            kind=conversation.kind,
            user_id=conversation.user_id,
            channel=conversation.channel,
            thread_id=conversation.external_id,
            status=conversation.status,
            handled_by=conversation.handled_by,
            handler=conversation.handler,
            visitor=conversation.visitor,
            tags=conversation.tags,
            minutes_saved=conversation.minutes_saved,
            message_count=conversation.message_count,
            last_message=last,
            waiting_since=conversation.waiting_since,
            version=conversation.version,
            created_at=conversation.created_at,
            updated_at=conversation.updated_at,
            closed_at=conversation.closed_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFilters:
    """Which conversations are wanted: of one kind those that meet all that is not None.

    Attributes:
        user_id: whose companion they are with; None is those of visitors.
        tag: one of theirs.
        q: in the visitor's name or e-mail, or in a message, whatever the case of its letters.
        waiting: whether a person was asked for who has not come yet.
    """

    user_id: UserId | None = None
    status: ConversationStatus | None = None
    tag: str | None = None
    q: str | None = None
    channel: Channel | None = None
    handled_by: HandledBy | None = None
    waiting: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationCounts:
    """How many conversations of a kind and workspace are open, and how many of these wait for a person or have one."""

    open: int
    waiting: int
    human: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPage:
    """Some conversations of a workspace, where the next ones begin, and the counts of all."""

    items: Sequence[ConversationView]
    next_cursor: str | None
    counts: ConversationCounts


class ConversationLists(Protocol):
    """Conversations, as members look for them."""

    async def page(
        self, workspace_id: WorkspaceId, filters: ConversationFilters, cursor: str | None, limit: int
    ) -> ConversationPage:
        """Those of the workspace that meet the filters, the newest activity first; counted are all of that kind.

        Raises:
            InvalidCursor: the cursor is none of such a list.
        """
        ...

    async def conversation(self, conversation_id: ConversationId) -> ConversationView | None:
        """The conversation, or None."""
        ...
