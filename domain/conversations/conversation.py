from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self, TypedDict
from uuid import UUID

from domain.actors import ASSISTANT, Actor, ActorType
from domain.conversations.message import CONTENT_LENGTH, Message, MessageRole, MessageStatus
from domain.conversations.place import Place
from domain.errors import Conflict, Fault, Invalid
from domain.identity import check_email
from domain.ids import ConversationId, MessageId, RunId, UserId, WorkspaceId, new_id
from domain.text import optional_text, text

MOST_TAGS = 20
_OPEN_FIRST = "This conversation is closed. Open it again first."


class ConversationClosed(Conflict):
    """The conversation takes no more messages."""

    code = "conversation_closed"
    detail = "This conversation is closed. Start a new one."


class TakenOver(Conflict):
    """Another member handles the conversation."""

    code = "taken_over"
    detail = "Another member handles this conversation."


class NotToBeTakenOver(Conflict):
    """Nobody stands in for a companion."""

    code = "companion_conversation"
    detail = "This is a conversation with your companion: nobody else answers in it."


class ThreadExists(Conflict):
    """The channel's thread has a conversation already."""

    code = "thread_exists"
    detail = "This thread has a conversation already."


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What a visitor told of themselves."""

    name: str | None
    email: str | None


class ConversationChanges(TypedDict, total=False):
    """The fields of a conversation to change; None empties the tags."""

    status: ConversationStatus
    tags: list[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A thread of messages.

    Attributes:
        user_id: whose companion it is with, who alone knows of it; None when it is a visitor's.
        handler: the member who has taken it over; None while the assistant handles it.
        external_id: the thread's own id on its channel; None on the web.
        minutes_saved: of people's time, by the replies so far.
        waiting_since: when a person was first asked for who has not come yet.
        unanswered_since: when the visitor wrote what nobody has answered yet.
        message_count: messages so far, and so the last one's position.
        indexed_messages: up to which position a visitor's conversation is found by members; 0 of a companion's, whose
            turns are looked at one by one.
        turns: how often somebody other than the assistant has spoken, or a reply was made once more.
        closed_at: since when it takes no messages.
    """

    id: ConversationId
    workspace_id: WorkspaceId
    kind: ConversationKind = ConversationKind.VISITOR
    user_id: UserId | None = None
    channel: Channel = Channel.WEB
    external_id: str | None = None
    status: ConversationStatus = ConversationStatus.OPEN
    handled_by: HandledBy = HandledBy.ASSISTANT
    handler: Actor | None = None
    visitor: Visitor
    tags: tuple[str, ...] = ()
    minutes_saved: int = 0
    waiting_since: datetime | None = None
    unanswered_since: datetime | None = None
    message_count: int = 0
    indexed_messages: int = 0
    turns: int = 0
    version: int = 1
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None

    @classmethod
    def started(cls, workspace_id: WorkspaceId, name: str | None, email: str | None, at: datetime) -> Self:
        """A visitor's new conversation on the web.

        Raises:
            Invalid: the name cannot be taken, or no letter can be sent to the e-mail.
        """
        visitor = Visitor(
            name=optional_text(name, at="/visitor_name", most=200),
            email=check_email(email, at="/visitor_email") if email is not None and email.strip() else None,
        )
        identifier = ConversationId(new_id(at))
        return cls(id=identifier, workspace_id=workspace_id, visitor=visitor, created_at=at, updated_at=at)

    @classmethod
    def begun_on(cls, channel: Channel, external_id: str, workspace_id: WorkspaceId, at: datetime) -> Self:
        """The new conversation of a thread of another channel than the web, by an unknown visitor."""
        identifier = ConversationId(new_id(at))
        return cls(
            id=identifier,
            workspace_id=workspace_id,
            channel=channel,
            external_id=external_id,
            visitor=Visitor(name=None, email=None),
            created_at=at,
            updated_at=at,
        )

    @classmethod
    def with_companion(cls, workspace_id: WorkspaceId, user_id: UserId, at: datetime) -> Self:
        """A user's new conversation with their companion."""
        return cls(
            id=ConversationId(new_id(at)),
            workspace_id=workspace_id,
            kind=ConversationKind.COMPANION,
            user_id=user_id,
            visitor=Visitor(name=None, email=None),
            created_at=at,
            updated_at=at,
        )

    def visited_by(self, name: str | None, email: str | None) -> Self:
        """The conversation with what was not known of its visitor.

        Raises:
            Invalid: the name or the e-mail cannot be taken.
        """
        name = optional_text(name, at="/sender/name", most=200)
        email = optional_text(email, at="/sender/email", most=320)
        return replace(self, visitor=Visitor(name=self.visitor.name or name, email=self.visitor.email or email))

    @property
    def place(self) -> Place:
        """Where it belongs."""
        return Place(self.workspace_id, self.user_id)

    @property
    def visitor_actor(self) -> Actor:
        """The visitor as the one who acts: known by the conversation alone."""
        return Actor(ActorType.VISITOR, self.id, "Visitor")

    def said_by_visitor(self, content: str, at: datetime, *, external_id: str | None = None) -> tuple[Self, Message]:
        """The conversation and its new message: a visitor can only ever write as visitor.

        Raises:
            Invalid: the content is empty or too long.
            ConversationClosed: it takes no messages.
        """
        message = replace(self._new_turn(MessageRole.VISITOR, self.visitor_actor, content, at), external_id=external_id)
        return replace(self._with(message), unanswered_since=self.unanswered_since or at), message

    def said_by_member(self, content: str, by: Actor, at: datetime) -> tuple[Self, Message]:
        """The conversation, which waits for a person no more, and a member's message to the visitor.

        Raises:
            Invalid: the content is empty or too long.
            ConversationClosed: it takes no messages until it is opened again.
        """
        if self.status is not ConversationStatus.OPEN:
            raise ConversationClosed(_OPEN_FIRST)
        message = self._new_turn(MessageRole.MEMBER, by, content, at)
        return replace(self._with(message), waiting_since=None, unanswered_since=None), message

    def said_to_companion(self, content: str, by: Actor, at: datetime) -> tuple[Self, Message]:
        """The conversation and its user's new message to their companion.

        Raises:
            Invalid: the content is empty or too long.
            ConversationClosed: it takes no messages until it is opened again.
        """
        if self.status is not ConversationStatus.OPEN:
            raise ConversationClosed(_OPEN_FIRST)
        message = self._new_turn(MessageRole.MEMBER, by, content, at)
        return self._with(message), message

    def said_by_assistant(
        self,
        message_id: MessageId,
        run_id: RunId,
        turn: int,
        content: str,
        status: MessageStatus,
        at: datetime,
        *,
        answers: bool = True,
    ) -> tuple[Self, Message]:
        """The conversation and the reply that `run_id` made, under the id announced for it.

        A whole one that `answers` what was asked last leaves nothing unanswered.
        """
        message = replace(
            self._said(message_id, turn, MessageRole.ASSISTANT, ASSISTANT, content, at), run_id=run_id, status=status
        )
        answered = answers and status is MessageStatus.COMPLETE and turn == self.turns
        return replace(self._with(message), unanswered_since=None if answered else self.unanswered_since), message

    def awaiting_person(self, at: datetime) -> Self:
        """The conversation, marked as waiting for a person.

        It is unchanged when it waits already, a person handles it, or it is with a companion.

        Raises:
            ConversationClosed: it takes no messages.
        """
        if self.waiting_since is not None or self.handled_by is HandledBy.HUMAN or self.user_id is not None:
            return self
        if self.status is not ConversationStatus.OPEN:
            raise ConversationClosed
        return replace(self, waiting_since=at, updated_at=at)

    def saving(self, minutes: int) -> Self:
        """The conversation with so many more minutes of people's time saved."""
        return replace(self, minutes_saved=self.minutes_saved + minutes)

    def taken_over(self, by: Actor, at: datetime) -> Self:
        """The conversation in the hands of a member; the assistant is silent.

        Raises:
            TakenOver: it is in another's, whom the sentence names.
            NotToBeTakenOver: it is with a companion. ConversationClosed: nothing can be said in it.
        """
        if self.user_id is not None:
            raise NotToBeTakenOver
        if self.status is not ConversationStatus.OPEN:
            raise ConversationClosed(_OPEN_FIRST)
        if self.handler is not None and self.handler.id != by.id:
            raise TakenOver(f"{self.handler.name} handles this conversation. Hand it back first to take it over.")
        if self.handler is not None:
            return self
        return replace(self, handled_by=HandledBy.HUMAN, handler=by, waiting_since=None, updated_at=at)

    def handed_back(self, at: datetime) -> Self:
        """The conversation in the hands of the assistant."""
        if self.handled_by is HandledBy.ASSISTANT:
            return self
        return replace(self, handled_by=HandledBy.ASSISTANT, handler=None, updated_at=at)

    def edited(self, changes: ConversationChanges, at: datetime) -> Self:
        """The conversation with these fields changed.

        Raises:
            Invalid: naming each field that cannot be taken.
        """
        edited = self
        if "status" in changes:
            opened = changes["status"] is ConversationStatus.OPEN
            edited = replace(self if opened else self._settled(at), status=changes["status"])
            edited = replace(edited, closed_at=None) if opened else edited
        if "tags" in changes:
            edited = replace(edited, tags=_tags(changes["tags"] or []))
        return edited if edited == self else replace(edited, updated_at=at)

    def _settled(self, at: datetime) -> Self:
        """In nobody's hands but the assistant's, who answers if the visitor comes back after it was closed."""
        return replace(
            self,
            handled_by=HandledBy.ASSISTANT,
            handler=None,
            waiting_since=None,
            unanswered_since=None,
            closed_at=self.closed_at or at,
        )

    def _new_turn(self, role: MessageRole, author: Actor, content: str, at: datetime) -> Message:
        if self.status is not ConversationStatus.OPEN:
            raise ConversationClosed
        content = text(content, at="/content", least=1, most=CONTENT_LENGTH)
        return self._said(MessageId(new_id(at)), self.turns + 1, role, author, content, at)

    def _said(
        self, message_id: MessageId, turn: int, role: MessageRole, author: Actor, content: str, at: datetime
    ) -> Message:
        return Message(
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

    def _with(self, message: Message) -> Self:
        turns = max(self.turns, message.turn)
        return replace(self, message_count=message.position, turns=turns, updated_at=message.created_at)


def _tags(values: list[str]) -> tuple[str, ...]:
    if len(values) > MOST_TAGS:
        raise Invalid(Fault("/tags", "too_many", f"At most {MOST_TAGS} tags."))
    return tuple(dict.fromkeys(text(tag_of(value), at="/tags", least=1, most=50) for value in values))


def tag_of(value: str) -> str:
    """The tag that somebody means: whoever writes "VIP" looks for what another has named "vip"."""
    return value.lower()


def external_id(value: str, *, at: str) -> str:
    """A channel's own id of a thread or message, 1 to 200 characters.

    Raises:
        Invalid: at the JSON pointer `at`: it is none.
    """
    return text(value, at=at, least=1, most=200)


def conversation_topic(conversation_id: UUID) -> str:
    """What rings when the conversation has something new to follow."""
    return f"conversation:{conversation_id}"
