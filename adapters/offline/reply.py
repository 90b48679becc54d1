from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.prompts import AssistantTurn, Prompt, Tool, ToolCall


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say, and the tools to call after it."""

    text: str
    calls: tuple[ToolCall, ...] = ()


def calling(name: str, args: Mapping[str, object], prompt: Prompt, tools: Sequence[Tool]) -> Reply | None:
    """A call of the tool `name`, or None when it is not offered."""
    if not any(tool.name == name for tool in tools):
        return None
    made = sum(len(turn.calls) for turn in prompt.turns if isinstance(turn, AssistantTurn))
    return Reply("", (ToolCall(id=f"call_{made + 1}", tool=name, args=args),))
