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
    """A visitor has come, or a user has begun to talk with their companion."""

    type: ClassVar[str] = "conversation.started"
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationEdited(ConversationEvent):
    """Some of its fields, named here, changed; `status` is what it is now."""

    type: ClassVar[str] = "conversation.edited"
    fields: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationErased(ConversationEvent):
    """It was erased with all that was said in it, on demand or because its time was over."""

    type: ClassVar[str] = "conversation.erased"
    reason: str = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationTakenOver(ConversationEvent):
    """A member answers from now on, and the assistant is silent."""

    type: ClassVar[str] = "conversation.taken_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationHandedBack(ConversationEvent):
    """The assistant answers again."""

    type: ClassVar[str] = "conversation.handed_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRequested(ConversationEvent):
    """The visitor waits for a person of the business."""

    type: ClassVar[str] = "conversation.person_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(ConversationEvent):
    """Somebody has written; a member who answers, so many seconds after the visitor."""

    type: ClassVar[str] = "message.posted"
    message_id: MessageId
    role: str
    response_seconds: float | None = None

    @property
    def subject(self) -> Subject:
        return Subject("message", self.message_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBlanked(ConversationEvent):
    """The content of a message was taken away."""

    type: ClassVar[str] = "message.blanked"
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
class RunRetried(RunEvent):
    """A member has the assistant answer a message once more."""

    type: ClassVar[str] = "run.retried"
    message_id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCompleted(RunEvent):
    """The reply is there.

    Attributes:
        message_id: of the reply. question_id: of the message that it answers.
        answered: whether it answers the question.
        response_seconds: from the question, or the wish to have it answered once more, to the whole reply.
        booking_links: how many it gave.
        minutes_saved: of people's time, as the workspace reckons.
    """

    type: ClassVar[str] = "run.completed"
    message_id: MessageId
    question_id: MessageId
    answered: bool
    response_seconds: float
    booking_links: int
    minutes_saved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(RunEvent):
    """There will be no (whole) reply to the message `question_id`."""

    type: ClassVar[str] = "run.failed"
    question_id: MessageId
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelled(RunEvent):
    """The reply was stopped."""

    type: ClassVar[str] = "run.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResolved(RunEvent):
    """A member has seen to the question that it did not answer.

    Attributes:
        resolution: `knowledge` when its answer is in the knowledge base now, else `dismissed`.
    """

    type: ClassVar[str] = "run.resolved"
    resolution: str
