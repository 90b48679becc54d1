"""About how many tokens a model makes of what it reads and writes."""

import json
import math
import re
from collections.abc import Sequence

from domain.prompts import AssistantTurn, Prompt, Tool, ToolTurn, Turn

_WIDE = re.compile("[\u2e81-\U0010ffff]")
EACH_TURN = 4
"""What a turn of the conversation takes besides its text."""


def tokens_in(text: str) -> int:
    """About how many tokens a model makes of it: one for 4 characters, or for one of a script without spaces.

    It errs on the side of too many.
    """
    wide = 0 if text.isascii() else len(_WIDE.findall(text))
    return math.ceil(wide + (len(text) - wide) / 4)


def prompt_tokens(prompt: Prompt, tools: Sequence[Tool]) -> int:
    """About how many tokens a model reads when it is asked this."""
    offered = (f"{tool.name} {tool.description} {json.dumps(dict(tool.parameters))}" for tool in tools)
    said = sum(EACH_TURN + tokens_in(_written(turn)) for turn in prompt.turns)
    return tokens_in(prompt.system) + said + sum(map(tokens_in, offered))


def _written(turn: Turn) -> str:
    match turn:
        case AssistantTurn(text=text, calls=calls):
            return " ".join((text, *(f"{call.tool} {json.dumps(call.args, default=str)}" for call in calls)))
        case ToolTurn(output=output):
            return output
        case asked:
            return asked.text
