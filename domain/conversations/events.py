from dataclasses import dataclass
from typing import ClassVar

from domain.activity import Event
from domain.actors import Subject
from domain.conversations.conversation import conversation_topic
from domain.ids import ConversationId, MessageId, RunId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationEvent(Event):
    """Something happened in a conversation; whoever follows it is told."""

    conversation_id: ConversationId

    @property
    def subject(self) -> Subject:
        return Subject("conversation", self.conversation_id)

    @property
    def topics(self) -> tuple[str, ...]:
        return (conversation_topic(self.conversation_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationStarted(ConversationEvent):
    """A visitor has come."""

    type: ClassVar[str] = "conversation.started"
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationErased(ConversationEvent):
    """It was erased with all that was said in it."""

    type: ClassVar[str] = "conversation.erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRequested(ConversationEvent):
    """The visitor waits for a person of the business."""

    type: ClassVar[str] = "conversation.person_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(ConversationEvent):
    """Somebody has written."""

    type: ClassVar[str] = "message.posted"
    message_id: MessageId

    @property
    def subject(self) -> Subject:
        return Subject("message", self.message_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRated(ConversationEvent):
    """A visitor has said what they think of a reply."""

    type: ClassVar[str] = "message.rated"
    message_id: MessageId
    value: str

    @property
    def subject(self) -> Subject:
        return Subject("message", self.message_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent(ConversationEvent):
    """Something happened to a run."""

    run_id: RunId

    @property
    def subject(self) -> Subject:
        return Subject("run", self.run_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(RunEvent):
    """A reply is being made, for the first time or again."""

    type: ClassVar[str] = "run.started"
    attempt: int
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCompleted(RunEvent):
    """The reply is there."""

    type: ClassVar[str] = "run.completed"
    message_id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(RunEvent):
    """There will be no (whole) reply."""

    type: ClassVar[str] = "run.failed"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelled(RunEvent):
    """The reply was stopped."""

    type: ClassVar[str] = "run.cancelled"
