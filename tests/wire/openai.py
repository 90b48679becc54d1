"""The frames of a streamed chat completion, as OpenAI's server and those that follow it send them."""

import json
from collections.abc import Mapping
from typing import Any

from tests.wire.server import Reply, plain, streamed

DONE = "data: [DONE]\n\n"


def frame(value: object) -> str:
    return f"data: {json.dumps(value)}\n\n"


def chunk(delta: Mapping[str, Any] | None = None, finish: str | None = None, **more: Any) -> str:
    """One chunk with one choice."""
    choice = {"index": 0, "delta": dict(delta or {}), "logprobs": None, "finish_reason": finish}
    return frame(_chunk([choice]) | more)


def usage(read: int, written: int) -> str:
    """The last chunk, which has no choice."""
    counted = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return frame(_chunk([]) | {"usage": counted})


def _chunk(choices: list[Any]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-9",
        "object": "chat.completion.chunk",
        "created": 1_763_000_000,
        "model": "served",
        "system_fingerprint": None,
        "choices": choices,
        "usage": None,
    }


def call(index: int | None, identifier: str | None, name: str | None, arguments: object) -> Mapping[str, Any]:
    """A delta with a piece of a call; what is None is left out."""
    function = {"name": name, "arguments": arguments}
    piece = {"index": index, "id": identifier, "function": {k: v for k, v in function.items() if v is not None}}
    return {"tool_calls": [{k: v for k, v in piece.items() if v is not None}]}


ROLE = chunk({"role": "assistant", "content": "", "refusal": None})


def texts(*pieces: str) -> list[str]:
    """The chunks that say `pieces`."""
    return [ROLE, *(chunk({"content": text}) for text in pieces)]


def saying(*pieces: str, finish: str = "stop") -> Reply:
    """A whole answer."""
    return streamed(*texts(*pieces), chunk(finish=finish), usage(31, 7), DONE)


def calling(*deltas: Mapping[str, Any], finish: str = "tool_calls") -> Reply:
    """A whole answer of calls."""
    return streamed(ROLE, *map(chunk, deltas), chunk(finish=finish), usage(31, 7), DONE)


def refused(status: int, message: str, /, *, headers: Mapping[str, str] | None = None, **error: Any) -> Reply:
    """An error before the stream."""
    body = {"message": message, "type": "invalid_request_error", "param": None, "code": None} | error
    return plain(status, {"error": body}, **(headers or {}))
