"""What is sent: the body of `POST /v1/messages`, as of API version 2026-10-21, which takes no temperature."""

from collections.abc import Iterable, Mapping, Sequence

from domain.prompts import AssistantTurn, Prompt, Tool, ToolTurn, Turn, UserTurn
from domain.transcript import transcript

Body = dict[str, object]
Block = Mapping[str, object]

_THINKING: tuple[object | None, ...] = ({"type": "disabled"}, {"type": "between_tools"}, None)


def request_body(model: str, prompt: Prompt, tools: Sequence[Tool], max_tokens: int) -> Body:
    """The whole of `prompt`: what is trusted, and fenced passages, as the system's text, all else as turns."""
    turns = transcript(prompt.turns)
    body: Body = {
        "model": model,
        "max_tokens": max_tokens,
        "system": prompt.system,
        "messages": _messages(turns),
        "stream": True,
    }
    offered = [_tool(tool.name, tool.description, tool.parameters) for tool in tools]
    if offered:
        return body | {"tools": offered}
    # A conversation in which tools were called has to name them, even where no more may be.
    called = dict.fromkeys(call.tool for turn in turns if isinstance(turn, AssistantTurn) for call in turn.calls)
    if called:
        used = [_tool(name, "", {"type": "object"}) for name in called]
        return body | {"tools": used, "tool_choice": {"type": "none"}}
    return body


def _messages(turns: Iterable[Turn]) -> list[Mapping[str, object]]:
    messages: list[tuple[str, list[Block]]] = []
    for turn in turns:
        role = "assistant" if isinstance(turn, AssistantTurn) else "user"
        if messages and messages[-1][0] == role:
            messages[-1][1].extend(_blocks(turn))
        else:
            messages.append((role, _blocks(turn)))
    return [{"role": role, "content": blocks} for role, blocks in messages]


def _blocks(turn: Turn) -> list[Block]:
    match turn:
        case UserTurn(text=text):
            return [_text(text)]
        case AssistantTurn(text=text, calls=calls):
            uses = [{"type": "tool_use", "id": call.id, "name": call.tool, "input": call.args or {}} for call in calls]
            return [_text(text), *uses] if text else [*uses]
        case ToolTurn(call_id=call_id, output=output, failed=failed):
            return [{"type": "tool_result", "tool_use_id": call_id, "content": output, "is_error": failed}]


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _tool(name: str, description: str, schema: Mapping[str, object]) -> Mapping[str, object]:
    return {"name": name, "description": description, "input_schema": schema}


class Thinking:
    """How a model is told to answer at once.

    Models of the fifth generation think before they speak unless told otherwise, and differ in what they take: most
    "disabled", some only "between_tools", and some, as older ones that never think by themselves, nothing at all.
    """

    def __init__(self) -> None:
        self._way = 0

    def spoken(self, body: Body) -> Body:
        """`body` with what this model takes."""
        thinking = _THINKING[self._way]
        return body | {"thinking": thinking} if thinking else body

    def learn(self, complaint: str, body: Body) -> bool:
        """Whether there is another way to say `body`, as it was sent, to a model that gave this complaint."""
        if "thinking" not in complaint or "thinking" not in body:
            return False
        # Two answers at once may both be refused; the second is to try what the first learnt.
        self._way = max(self._way, _THINKING.index(body["thinking"]) + 1)
        return True
