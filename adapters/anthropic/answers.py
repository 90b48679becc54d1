"""What comes back: the events of a streamed message."""

import json
from collections.abc import Collection, Mapping

from msgspec import Struct, ValidationError, convert

from application.ports.language_model import Finished, ModelUnavailable, StopReason
from domain.prompts import ToolCall
from domain.transcript import PartialCall, tool_calls

_REASONS = {
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.LENGTH,
    "refusal": StopReason.FILTER,
}


class _Usage(Struct):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None


class _Message(Struct):
    usage: _Usage | None = None


class _Block(Struct):
    type: str
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: Mapping[str, object] | None = None


class _Delta(Struct):
    text: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class _Event(Struct):
    type: str
    index: int | None = None
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None


class Answer:
    """One answer, as it comes."""

    def __init__(self) -> None:
        self._calls: dict[int | None, PartialCall] = {}
        self._reason: StopReason | None = None
        self._input: int | None = None
        self._output: int | None = None
        self._spoke = False
        self.ended = False

    def take(self, raw: object) -> str:
        """The text that an event adds; everything else in it is kept. `ended` tells that it was the last.

        Raises:
            ModelUnavailable: it is no event.
        """
        try:
            event = convert(raw, _Event)
        except (ValidationError, RecursionError) as error:
            raise ModelUnavailable(f"An event has no known shape: {error}") from error
        if event.message:
            self._count(event.message.usage)
        self._count(event.usage)
        self.ended = event.type == "message_stop"
        text = self._begin(event) if event.content_block else self._add(event, event.delta or _Delta())
        self._spoke = self._spoke or bool(text)
        return text

    def calls(self, offered: Collection[str]) -> tuple[ToolCall, ...]:
        """The calls of the whole answer, none if a filter stopped it.

        Raises:
            ModelUnavailable: the answer broke off, or is nothing but calls of tools that were not offered.
        """
        if self._reason is None or not self.ended:
            raise ModelUnavailable("The answer broke off.")
        if self._reason is StopReason.FILTER:
            return ()
        calls = tool_calls(self._calls.values(), offered)
        if self._calls and not calls and not self._spoke:
            raise ModelUnavailable("It called a tool that was not offered.")
        return calls

    def finished(self, calls: Collection[ToolCall]) -> Finished:
        """The end of an answer with these calls."""
        reason = StopReason.TOOLS if calls else self._reason or StopReason.END
        return Finished(reason=reason, input_tokens=self._input, output_tokens=self._output)

    def _begin(self, event: _Event) -> str:
        block = event.content_block
        if block and block.type == "tool_use":
            given = json.dumps(block.input) if block.input else ""
            self._calls[event.index] = PartialCall(id=block.id or "", tool=block.name or "", arguments=given)
        return block.text or "" if block and block.type == "text" else ""

    def _add(self, event: _Event, delta: _Delta) -> str:
        call = self._calls.get(event.index)
        if call and delta.partial_json:
            call.arguments += delta.partial_json
        if delta.stop_reason:
            self._reason = _REASONS.get(delta.stop_reason, StopReason.END)
        return delta.text or ""

    def _count(self, usage: _Usage | None) -> None:
        if usage is None:
            return
        read = (usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens)
        if usage.input_tokens is not None:
            self._input = sum(max(count or 0, 0) for count in read)
        if usage.output_tokens is not None:
            self._output = max(usage.output_tokens, 0)
