"""The frames of a stream: what a reader is shown, and how it is shown again without loss or repetition."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from domain.conversations.message import Message
from domain.conversations.run import RUN_ERRORS, Run, RunErrorCode, RunStatus
from domain.ids import MessageId, RunId
from domain.json import JsonValue

_REBUILT = 1_000
"""More frames than a run is told in from its saved text and steps."""


@dataclass(frozen=True, slots=True, order=True)
class FrameId:
    """A frame's place in its conversation: turn, attempt, and a sequence without gaps from 1.

    Words that begin a turn have attempt 0 and sequence 1: they come before what answers them.
    """

    turn: int
    attempt: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.turn}-{self.attempt}-{self.sequence}"

    @classmethod
    def parse(cls, value: str) -> Self | None:
        """The id, or None for any other text."""
        parts = value.split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):  # noqa: PLR2004 (three numbers that fit 32 bits)
            return None
        return cls(*map(int, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStarted:
    """A reply begins, or is told from its beginning once more: anew when `attempt` has risen. Its text is empty."""

    name: ClassVar[str] = "message_start"
    message_id: MessageId
    run_id: RunId
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAdded:
    """The reply's text is now `text[:offset] + text_chunk`; offsets count code points."""

    name: ClassVar[str] = "delta"
    text_chunk: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled:
    """The assistant calls a tool."""

    name: ClassVar[str] = "tool_call"
    id: str
    tool: str
    args: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolAnswered:
    """What came of the call `id`: `data` when `status` is `ok`, `error` when it is `error`."""

    name: ClassVar[str] = "tool_result"
    id: str
    status: str
    data: JsonValue = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEnded:
    """The reply is complete and saved."""

    name: ClassVar[str] = "message_end"
    message_id: MessageId
    run_id: RunId
    full_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCancelled:
    """The reply was stopped; `full_text` was kept."""

    name: ClassVar[str] = "cancelled"
    message_id: MessageId
    run_id: RunId
    full_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFailed:
    """The reply failed; `full_text` was kept."""

    name: ClassVar[str] = "error"
    code: RunErrorCode
    message: str
    message_id: MessageId
    run_id: RunId
    full_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSaid:
    """Somebody other than the assistant has spoken. It may be told again: `message.id` is what to know it by."""

    name: ClassVar[str] = "message"
    message: Message


End = MessageEnded | ReplyCancelled | ReplyFailed
FrameEvent = MessageStarted | TextAdded | ToolCalled | ToolAnswered | End
FRAME_EVENTS: Mapping[str, type[FrameEvent]] = {
    event.name: event
    for event in (MessageStarted, TextAdded, ToolCalled, ToolAnswered, MessageEnded, ReplyCancelled, ReplyFailed)
}


@dataclass(frozen=True, slots=True)
class Said:
    """Words, told when they are said: at the place `id` of their turn, or ahead of it with None."""

    id: FrameId | None
    event: MessageSaid


@dataclass(frozen=True, slots=True)
class Turn:
    """A step of a conversation: what somebody other than the assistant said, and the run that answers it.

    Attributes:
        message: None for a run that answers an earlier message once more.
        run: None for what the assistant does not answer. It never joins a message later.
    """

    number: int
    message: Message | None
    run: Run | None

    @property
    def message_place(self) -> FrameId:
        """Where the message is told."""
        return FrameId(self.number, 0, 1)


@dataclass(frozen=True, slots=True)
class Frame:
    """An event of a run at its place."""

    id: FrameId
    event: FrameEvent

    @property
    def ends(self) -> bool:
        """Whether nothing of the run comes after it."""
        return isinstance(self.event, End)


def end_of(run: Run) -> End:
    """The event that ends an ended run."""
    match run.status:
        case RunStatus.COMPLETED:
            return MessageEnded(message_id=run.reply_message_id, run_id=run.id, full_text=run.text)
        case RunStatus.CANCELLED:
            return ReplyCancelled(message_id=run.reply_message_id, run_id=run.id, full_text=run.text)
        case _:
            code = run.error or RunErrorCode.INTERNAL
            return ReplyFailed(
                code=code,
                message=RUN_ERRORS[code],
                message_id=run.reply_message_id,
                run_id=run.id,
                full_text=run.text,
            )


def retold(run: Run) -> tuple[FrameEvent, ...]:
    """What a reader who missed everything is shown of the run's present attempt, from its saved text and steps."""
    events: list[FrameEvent] = [MessageStarted(message_id=run.reply_message_id, run_id=run.id, attempt=run.attempt)]
    told = 0
    for step in run.steps:
        if step.offset > told:
            events.append(TextAdded(text_chunk=run.text[told : step.offset], offset=told))
            told = step.offset
        events.append(ToolCalled(id=step.id, tool=step.tool, args=step.args))
        if step.status == "ok":
            events.append(ToolAnswered(id=step.id, status="ok", data=step.output))
        else:
            events.append(ToolAnswered(id=step.id, status="error", error=str(step.output)))
    if run.text[told:]:
        events.append(TextAdded(text_chunk=run.text[told:], offset=told))
    return tuple(events)


def rebuilt(run: Run) -> tuple[Frame, ...]:
    """The frames of an ended run whose live log is lost or unfinished, with ids behind all that it may have held.

    Text that was shown and not kept is cut before the end, by a chunk without text at the kept length. The end has the
    same id however little is left of the run, so that who was told of it is told nothing anew when words are blanked.
    """
    events = (*retold(run), TextAdded(text_chunk="", offset=len(run.text)), end_of(run))
    first = run.last_sequence + max(_REBUILT - len(events), 0) + 1
    return tuple(
        Frame(FrameId(run.turn, run.attempt, sequence), event) for sequence, event in enumerate(events, start=first)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one reader has been shown of a run: enough to show nothing twice.

    Attributes:
        attempt: the newest attempt shown; -1 before the first.
        length: of its text, in code points.
        calls, answers: ids of its tool calls and results.
    """

    attempt: int = -1
    length: int = 0
    calls: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()

    def then(self, frame: Frame) -> tuple["Shown", Frame | None]:
        """What is shown after `frame`, and what of it is new to the reader: all, the rest of its text, or None."""
        if frame.id.attempt < self.attempt:
            return self, None
        match frame.event:
            case MessageStarted():
                return (self, None) if frame.id.attempt == self.attempt else (Shown(attempt=frame.id.attempt), frame)
            case TextAdded():
                return self._then_text(frame, frame.event)
            case ToolCalled(id=call):
                return replace(self, calls=self.calls | {call}), None if call in self.calls else frame
            case ToolAnswered(id=call):
                return replace(self, answers=self.answers | {call}), None if call in self.answers else frame
            case _:
                return self, frame

    def _then_text(self, frame: Frame, event: TextAdded) -> tuple["Shown", Frame | None]:
        chunk, end = event.text_chunk, event.offset + len(event.text_chunk)
        if not chunk:
            return replace(self, length=min(self.length, end)), frame if end < self.length else None
        fresh = chunk[max(0, self.length - event.offset) :]
        added = TextAdded(text_chunk=fresh, offset=end - len(fresh))
        return replace(self, length=max(self.length, end)), Frame(frame.id, added) if fresh else None
