"""What comes back: the chunks of a streamed completion, which servers shape with some freedom."""

import json
from collections.abc import Collection
from typing import cast

from msgspec import Struct, ValidationError, convert

from application.ports.language_model import Finished, ModelUnavailable, StopReason
from domain.prompts import ToolCall
from domain.transcript import PartialCall, tool_calls

_REASONS = {
    "stop": StopReason.END,
    "length": StopReason.LENGTH,
    "content_filter": StopReason.FILTER,
    "tool_calls": StopReason.END,
    "function_call": StopReason.END,
}


class _Function(Struct):
    name: str | None = None
    arguments: object = None


class _CallPiece(Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(Struct):
    content: object = None
    refusal: str | None = None
    tool_calls: list[_CallPiece] | None = None


class _Choice(Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Usage(Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Chunk(Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None


class Answer:
    """One answer, as it comes."""

    def __init__(self) -> None:
        self._calls: list[tuple[int | None, PartialCall]] = []
        self._reason: StopReason | None = None
        self._usage = _Usage()
        self._spoke = False

    def take(self, raw: object) -> str:
        """The text that a chunk adds; everything else in it is kept.

        Raises:
            ModelUnavailable: it is no chunk.
        """
        try:
            chunk = convert(raw, _Chunk)
        except (ValidationError, RecursionError) as error:
            raise ModelUnavailable(f"A chunk has no known shape: {error}") from error
        self._usage = chunk.usage or self._usage
        # The last chunk, which counts the tokens, has no choice.
        text = self._choose(chunk.choices[0]) if chunk.choices else ""
        self._spoke = self._spoke or bool(text)
        return text

    def calls(self, offered: Collection[str]) -> tuple[ToolCall, ...]:
        """The calls of the whole answer, none if a filter stopped it.

        Raises:
            ModelUnavailable: the answer broke off, or is nothing but calls of tools that were not offered.
        """
        if self._reason is None:
            raise ModelUnavailable("The answer broke off.")
        if self._reason is StopReason.FILTER:
            return ()
        calls = tool_calls((call for _, call in self._calls), offered)
        if self._calls and not calls and not self._spoke:
            raise ModelUnavailable("It called a tool that was not offered.")
        return calls

    def finished(self, calls: Collection[ToolCall]) -> Finished:
        """The end of an answer with these calls."""
        return Finished(
            reason=StopReason.TOOLS if calls else self._reason or StopReason.END,
            input_tokens=_counted(self._usage.prompt_tokens),
            output_tokens=_counted(self._usage.completion_tokens),
        )

    def _choose(self, choice: _Choice) -> str:
        delta = choice.delta or _Delta()
        for piece in delta.tool_calls or ():
            self._add(piece)
        if choice.finish_reason:
            self._reason = self._reason or _reason(choice.finish_reason)
        if delta.refusal:
            self._reason = StopReason.FILTER
        return _text(delta.content)

    def _add(self, piece: _CallPiece) -> None:
        function = piece.function or _Function()
        call = self._begun(piece, function)
        call.tool = call.tool or function.name or ""
        call.arguments += _arguments(function.arguments)

    def _begun(self, piece: _CallPiece, function: _Function) -> PartialCall:
        # Some servers number no piece, or all alike: then a new id, or without ids a name, begins a new call.
        same = [call for index, call in self._calls if index == piece.index]
        if same and (piece.id in {None, "", same[-1].id}) and (piece.index is not None or not function.name):
            return same[-1]
        call = PartialCall(id=piece.id or "", tool="")
        self._calls.append((piece.index, call))
        return call


def _reason(text: str) -> StopReason:
    if text == "error":
        raise ModelUnavailable("The server broke off with an error.")
    return _REASONS.get(text, StopReason.END)


def _text(content: object) -> str:
    if isinstance(content, list):  # in parts, as some servers send it
        parts = [cast("dict[str, object]", part) for part in cast("list[object]", content) if isinstance(part, dict)]
        return "".join(str(part.get("text") or "") for part in parts if part.get("type") == "text")
    return content if isinstance(content, str) else ""


def _arguments(sent: object) -> str:
    return sent if isinstance(sent, str) else json.dumps(sent) if sent else ""


def _counted(tokens: int | None) -> int | None:
    return tokens if tokens is not None and tokens >= 0 else None
