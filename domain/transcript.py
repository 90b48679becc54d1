"""A conversation as models' servers take it, and the calls that they give in pieces."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import cast

from domain.prompts import AssistantTurn, ToolCall, ToolTurn, Turn, UserTurn

NO_WORDS = "…"
"""Stands where a server demands words of the visitor and there are none."""


def transcript(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """The turns, in a shape that every server takes.

    The first is the user's, and the last never the assistant's words alone, which some servers take for the beginning
    of what is to be said. Neighbouring turns of the user, or of the assistant, are one. None is blank, except an
    assistant's that calls tools. Calls are named `call_1`, `call_2` … over the whole, and a result follows the call
    that it names: models repeat their own ids, and one vendor refuses those of another.
    """
    told: list[Turn] = []
    numbers, waiting = count(1), list[tuple[str, str]]()
    for turn in turns:
        match turn:
            case UserTurn():
                _join(told, UserTurn(text=turn.text if turn.text.strip() else NO_WORDS))
            case AssistantTurn() if turn.text.strip() or turn.calls:
                calls = tuple(replace(call, id=f"call_{next(numbers)}") for call in turn.calls)
                waiting = [(old.id, new.id) for old, new in zip(turn.calls, calls, strict=True)]
                told = told or [UserTurn(text=NO_WORDS)]
                _join(told, AssistantTurn(text=turn.text.strip(), calls=calls))
            case ToolTurn():
                found = next((pair for pair in waiting if pair[0] == turn.call_id), None)
                if found:
                    waiting.remove(found)
                    told.append(replace(turn, call_id=found[1]))
            case _:  # an assistant's that is blank
                continue
    last = told[-1] if told else None
    if isinstance(last, AssistantTurn) and not last.calls:
        told.append(UserTurn(text=NO_WORDS))
    return tuple(told)


def _join(told: list[Turn], turn: UserTurn | AssistantTurn) -> None:
    match (told[-1] if told else None), turn:
        case UserTurn(text=before), UserTurn(text=text):
            told[-1] = UserTurn(text=f"{before}\n\n{text}")
        case AssistantTurn(text=before, calls=calls), AssistantTurn(text=text, calls=more):
            told[-1] = AssistantTurn(text=f"{before}\n\n{text}".strip(), calls=(*calls, *more))
        case _:
            told.append(turn)


@dataclass(slots=True, kw_only=True)
class PartialCall:
    """A call as far as it has come; `arguments` is the beginning of its JSON text."""

    id: str
    tool: str
    arguments: str = ""


def tool_calls(partial: Iterable[PartialCall], offered: Collection[str]) -> tuple[ToolCall, ...]:
    """The calls of one whole answer: those of offered tools, each with an id of its own."""
    calls: list[ToolCall] = []
    for call in partial:
        if call.tool in offered:
            taken = {other.id for other in calls}
            fresh = (f"call_{number}" for number in count(len(calls) + 1))
            identifier = call.id if call.id and call.id not in taken else next(i for i in fresh if i not in taken)
            calls.append(ToolCall(id=identifier, tool=call.tool, args=arguments(call.arguments)))
    return tuple(calls)


def arguments(text: str) -> Mapping[str, object] | None:
    """The JSON object that `text` is; none at all is an empty one, and None stands for anything else."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", value) if isinstance(value, dict) else None
