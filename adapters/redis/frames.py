"""How frames are written: `[turn, attempt, sequence, event name, {its fields}]` in JSON."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from domain.conversations import FRAME_EVENTS, Frame, FrameEvent, FrameId, ToolAnswered, ToolCalled

_Record = tuple[int, int, int, str, msgspec.Raw]
_ENCODER = msgspec.json.Encoder()
_RECORD = msgspec.json.Decoder(_Record)
_RECORDS = msgspec.json.Decoder(list[_Record])
_FIELDS = msgspec.json.Decoder(dict[str, Any])


def _decoder(event: type[FrameEvent]) -> Callable[[msgspec.Raw], FrameEvent]:
    if event is ToolCalled or event is ToolAnswered:
        # msgspec knows no recursive types such as theirs; what JSON gives is what their fields hold.
        return lambda fields: event(**_FIELDS.decode(fields))
    return msgspec.json.Decoder(event).decode


_EVENTS = {name: _decoder(event) for name, event in FRAME_EVENTS.items()}


def encoded(frame: Frame) -> bytes:
    """One frame, as the stream holds it."""
    at = frame.id
    return _ENCODER.encode((at.turn, at.attempt, at.sequence, frame.event.name, frame.event))


def decoded(record: bytes) -> Frame:
    """The frame of one record."""
    return _frame(_RECORD.decode(record))


def decoded_all(records: bytes) -> Sequence[Frame]:
    """The frames of a JSON array of records."""
    return [_frame(record) for record in _RECORDS.decode(records)]


def _frame(record: _Record) -> Frame:
    turn, attempt, sequence, name, fields = record
    return Frame(FrameId(turn, attempt, sequence), _EVENTS[name](fields))
