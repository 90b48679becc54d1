"""What is sent: the body of `POST /chat/completions`."""

import json
from collections.abc import Mapping, Sequence

from domain.prompts import AssistantTurn, Prompt, Tool, ToolCall, ToolTurn, Turn, UserTurn
from domain.transcript import transcript

Body = dict[str, object]


def request_body(model: str, prompt: Prompt, tools: Sequence[Tool], temperature: float) -> Body:
    """The whole of `prompt`: what is trusted, and fenced passages, as the system's message, all else as turns."""
    body: Body = {
        "model": model,
        "messages": [{"role": "system", "content": prompt.system}, *map(_message, transcript(prompt.turns))],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": temperature,
    }
    return body | {"tools": [_function(tool) for tool in tools]} if tools else body


def _message(turn: Turn) -> Mapping[str, object]:
    match turn:
        case UserTurn(text=text):
            return {"role": "user", "content": text}
        case AssistantTurn(text=text, calls=()):
            return {"role": "assistant", "content": text}
        case AssistantTurn(text=text, calls=calls):
            return {"role": "assistant", "content": text, "tool_calls": [_call(call) for call in calls]}
        case ToolTurn(call_id=call_id, output=output):
            return {"role": "tool", "tool_call_id": call_id, "content": output}


def _call(call: ToolCall) -> Mapping[str, object]:
    arguments = json.dumps(dict(call.args or {}), ensure_ascii=False)
    return {"id": call.id, "type": "function", "function": {"name": call.tool, "arguments": arguments}}


def _function(tool: Tool) -> Mapping[str, object]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


class Dialect:
    """What a server has refused so far, and what it is sent instead.

    Servers of this protocol differ in what they take: some know no `stream_options`, reasoning models take no other
    temperature than their own, and tools only with `reasoning_effort` "none", small models take no tools at all.
    """

    def __init__(self) -> None:
        self._instead: dict[str, object | None] = {}

    def spoken(self, body: Body) -> Body:
        """`body`, without what the server refused."""
        return {name: value for name, value in (body | self._instead).items() if value is not None}

    def learn(self, complaint: str, body: Body) -> bool:
        """Whether there is another way to say `body`, as it was sent, to a server that gave this complaint."""
        if "reasoning_effort" in complaint and "reasoning_effort" not in body:
            self._instead["reasoning_effort"] = "none"
            return True
        if ("support tools" in complaint or "tool choice requires" in complaint) and "tools" in body:
            self._instead["tools"] = None
            return True
        refused = next((name for name in ("stream_options", "temperature") if name in complaint and name in body), None)
        if refused:
            self._instead[refused] = None
        return refused is not None
