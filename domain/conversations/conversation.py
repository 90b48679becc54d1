from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.actors import ASSISTANT, Actor, ActorType
from domain.errors import Conflict, NotFound
from domain.ids import ConversationId, MessageId, RunId, WorkspaceId, new_id
from domain.json import JsonValue, json_of
from domain.text import optional_text, text

CONTENT_LENGTH = 8_000


class ConversationClosed(Conflict):
    """The conversation takes no more messages."""

    code = "conversation_closed"
    detail = "This conversation is closed. Start a new one."


class ConversationKind(StrEnum):
    """Who talks: visitors with a business, or a user with their companion."""

    VISITOR = "visitor"
    COMPANION = "companion"


class Channel(StrEnum):
    """How the words arrive."""

    WEB = "web"
    INSTAGRAM = "instagram"
    WHATSAPP = "whatsapp"
    SMS = "sms"
    MESSENGER = "messenger"
    CHATGPT = "chatgpt"
    PHONE = "phone"


class ConversationStatus(StrEnum):
    """Whether it takes messages."""

    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class HandledBy(StrEnum):
    """Who answers."""

    ASSISTANT = "assistant"
    HUMAN = "human"


class MessageRole(StrEnum):
    """Whose words a message holds; fixed by the way it came, never by its sender."""

    VISITOR = "visitor"
    ASSISTANT = "assistant"
    MEMBER = "member"
    SYSTEM = "system"


class MessageStatus(StrEnum):
    """Whether the text is all that was meant."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class FeedbackValue(StrEnum):
    """A visitor's thumb."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What a visitor told of themselves."""

    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Words said in a conversation.

    Attributes:
        position: its place in the order of arrival, from 1.
        turn: the number of the run that answers it or made it; reading by turn puts each reply behind its question.
        run_id: for an assistant's message, the run that made it.
    """

    id: MessageId
    conversation_id: ConversationId
    workspace_id: WorkspaceId
    position: int
    turn: int
    role: MessageRole
    author: Actor
    content: str
    status: MessageStatus = MessageStatus.COMPLETE
    run_id: RunId | None = None
    metadata: Mapping[str, JsonValue]
    created_at: datetime

    def rated(self, value: FeedbackValue, note: str | None, at: datetime) -> Self:
        """The message with the visitor's feedback, which replaces an earlier one.

        Raises:
            NotFound: it is not the assistant's.
        """
        if self.role is not MessageRole.ASSISTANT:
            raise NotFound
        note = optional_text(note, at="/note", most=2_000)
        feedback: JsonValue = {"value": str(value), "note": note, "at": json_of(at)}
        return replace(self, metadata={**self.metadata, "feedback": feedback})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A thread of messages.

    Attributes:
        message_count: messages so far, and so the last one's position.
        run_count: runs so far, and so the last one's number.
    """

    id: ConversationId
    workspace_id: WorkspaceId
    kind: ConversationKind = ConversationKind.VISITOR
    channel: Channel = Channel.WEB
    status: ConversationStatus = ConversationStatus.OPEN
    handled_by: HandledBy = HandledBy.ASSISTANT
    visitor: Visitor
    tags: tuple[str, ...] = ()
    minutes_saved: int = 0
    waiting_since: datetime | None = None
    message_count: int = 0
    run_count: int = 0
    version: int = 1
    created_at: datetime
    updated_at: datetime

    @classmethod
    def started(cls, workspace_id: WorkspaceId, name: str | None, email: str | None, at: datetime) -> Self:
        """A visitor's new conversation on the web.

        Raises:
            Invalid: the name or the e-mail cannot be taken.
        """
        visitor = Visitor(
            name=optional_text(name, at="/visitor_name", most=200),
            email=optional_text(email, at="/visitor_email", most=320),
        )
        identifier = ConversationId(new_id(at))
        return cls(id=identifier, workspace_id=workspace_id, visitor=visitor, created_at=at, updated_at=at)

    @property
    def visitor_actor(self) -> Actor:
        """The visitor as the one who acts: known by the conversation alone."""
        return Actor(ActorType.VISITOR, self.id, "Visitor")

    def said_by_visitor(self, content: str, at: datetime) -> tuple[Self, Message]:
        """The conversation and its new message: a visitor can only ever write as visitor.

        Raises:
            Invalid: the content is empty or too long.
            ConversationClosed: it takes no messages.
        """
        if self.status is not ConversationStatus.OPEN:
            raise ConversationClosed
        content = text(content, at="/content", least=1, most=CONTENT_LENGTH)
        turn = self.run_count + 1
        return self._said(MessageId(new_id(at)), turn, MessageRole.VISITOR, self.visitor_actor, content, at)

    def said_by_assistant(
        self, message_id: MessageId, run_id: RunId, turn: int, content: str, status: MessageStatus, at: datetime
    ) -> tuple[Self, Message]:
        """The conversation and the reply that `run_id` made, under the id announced for it."""
        conversation, message = self._said(message_id, turn, MessageRole.ASSISTANT, ASSISTANT, content, at)
        return conversation, replace(message, run_id=run_id, status=status)

    def awaiting_person(self, at: datetime) -> Self:
        """The conversation, marked as waiting for a person of the business since the first time it was asked."""
        return replace(self, waiting_since=self.waiting_since or at, updated_at=at)

    def _said(
        self, message_id: MessageId, turn: int, role: MessageRole, author: Actor, content: str, at: datetime
    ) -> tuple[Self, Message]:
        message = Message(
            id=message_id,
            conversation_id=self.id,
            workspace_id=self.workspace_id,
            position=self.message_count + 1,
            turn=turn,
            role=role,
            author=author,
            content=content,
            metadata={},
            created_at=at,
        )
        return replace(self, message_count=message.position, updated_at=at), message


def conversation_topic(conversation_id: UUID) -> str:
    """What rings when the conversation has something new to follow."""
    return f"conversation:{conversation_id}"
