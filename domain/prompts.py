"""What a language model is asked: trusted instructions, fenced facts, and the turns of the conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.knowledge import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool the model wants called; `args` is None when what it sent was not a JSON object."""

    id: str
    tool: str
    args: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTurn:
    """What who asks wrote: a visitor, or a companion's user."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantTurn:
    """What the assistant or a person of the business wrote, and the tools it called with it."""

    text: str
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolTurn:
    """What a tool answered to the call `call_id`; `output` is JSON text, an error's too."""

    call_id: str
    tool: str
    output: str
    failed: bool = False


Turn = UserTurn | AssistantTurn | ToolTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool offered to the model: a name, what it is for, and the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """All a model gets to see, in parts that keep trusted and untrusted text apart.

    Attributes:
        version: names the wording, and is kept with every reply made from it.
        language: of the workspace (BCP 47), for models that answer by template.
        instructions: trusted text: ours and the workspace's own for its assistant.
        passages: what the workspace knows about the question: services and pieces of its documents, best first; or what
            a companion recalls.
        cites: whether an answer is to cite passages by the marks of their numbers, counted from 1.
        labels: what then announces each of them instead of its heading.
        today: the day it is for who asks, where that matters.
        turns: the conversation so far, oldest first, ending with the turn to answer.
    """

    version: str
    language: str
    instructions: str
    passages: tuple[Passage, ...]
    turns: tuple[Turn, ...]
    cites: bool = False
    labels: tuple[str, ...] = ()
    today: date | None = None

    @property
    def system(self) -> str:
        """Instructions and fenced passages as one text, for models that take it so.

        The fence cannot be closed from inside: its mark is replaced in what it holds.
        """
        if not self.passages:
            return self.instructions
        labels = self.labels or tuple(f"[{each.heading or each.source.kind}]" for each in self.passages)
        texts = (f"{label}\n{each.text}" for label, each in zip(labels, self.passages, strict=True))
        material = "\n\n".join(text.replace(FENCE, "[passages]") for text in texts)
        return f"{self.instructions}\n\nPassages:\n{FENCE}\n{material}\n{FENCE}"


def mark(number: int) -> str:
    """What cites the passage of this number."""
    return f"[[{number}]]"


FENCE = "<<<passages>>>"
