"""The events of a streamed message, as Anthropic's server sends them."""

import json
from collections.abc import Mapping
from typing import Any

from tests.wire.server import Reply, plain, streamed


def event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | fields)}\n\n"


def start(**tokens: int) -> str:
    message: dict[str, Any] = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "served",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 31, "output_tokens": 1} | tokens,
    }
    return event("message_start", message=message)


PING = event("ping")


def text_block(index: int, *pieces: str) -> list[str]:
    """A block that says `pieces`."""
    deltas = [
        event("content_block_delta", index=index, delta={"type": "text_delta", "text": piece}) for piece in pieces
    ]
    return [
        event("content_block_start", index=index, content_block={"type": "text", "text": ""}),
        *deltas,
        event("content_block_stop", index=index),
    ]


def tool_block(index: int, identifier: str, name: str, *pieces: str) -> list[str]:
    """A block that calls a tool with the JSON in `pieces`."""
    block: dict[str, Any] = {"type": "tool_use", "id": identifier, "name": name, "input": {}}
    deltas = [
        event("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": piece})
        for piece in pieces
    ]
    return [
        event("content_block_start", index=index, content_block=block),
        *deltas,
        event("content_block_stop", index=index),
    ]


def stop(reason: str, written: int = 7) -> list[str]:
    """The two last events."""
    delta = {"stop_reason": reason, "stop_sequence": None}
    return [event("message_delta", delta=delta, usage={"output_tokens": written}), event("message_stop")]


def saying(*pieces: str, reason: str = "end_turn") -> Reply:
    """A whole answer."""
    return streamed(start(), PING, *text_block(0, *pieces), *stop(reason))


def calling(*blocks: list[str]) -> Reply:
    """A whole answer of calls."""
    return streamed(start(), *(event for block in blocks for event in block), *stop("tool_use"))


def failing(kind: str, message: str = "It failed.") -> str:
    """An error within the stream."""
    return event("error", error={"type": kind, "message": message})


def refused(status: int, kind: str, message: str = "No.", /, *, headers: Mapping[str, str] | None = None) -> Reply:
    """An error before the stream."""
    return plain(status, {"type": "error", "error": {"type": kind, "message": message}}, **(headers or {}))
