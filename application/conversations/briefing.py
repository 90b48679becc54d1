from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.conversations.citations import Citations
from application.ports.conversations import ConversationsWork
from application.ports.memories import MemoriesWork
from domain.conversations import Run
from domain.jobs import Claim
from domain.json import JsonValue
from domain.prompts import Prompt, Tool, ToolCall

MEMORIES = "memories"
"""Under this name a companion's reply has the ids of the memories it rests on in its metadata."""
DOCUMENTS = "documents"
"""Under this name it has those of the documents."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answers: what the model is told, and what of it is shown and kept with the run."""

    told: JsonValue
    kept: JsonValue


class Tools(Protocol):
    """The tools, for one reply."""

    def shown(self, call: ToolCall) -> ToolCall:
        """The call as it is shown and kept with the run."""
        ...

    async def use(self, call: ToolCall) -> Answer:
        """What the tool answers.

        Raises:
            ToolError: there is no such tool, its arguments are wrong, or it has nothing to give.
            NotFound: the conversation was erased.
        """
        ...


class CompanionWork(ConversationsWork, MemoriesWork, Protocol):
    """What a companion touches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What a reply is made from.

    Attributes:
        prompt: what the model is asked first. offered: the tools it may use. tools: what does that in a run.
        citations: what takes the marks out of its answer, where the prompt cites.
    """

    prompt: Prompt
    offered: Sequence[Tool]
    tools: Callable[[Run, Claim], Tools]
    citations: Citations | None = None

    async def note(self, work: CompanionWork, at: datetime) -> Mapping[str, JsonValue]:
        """The metadata of the reply, in the unit that keeps it; the memories it cites have been recalled once more."""
        if self.citations is None:
            return {}
        cited = self.citations.memories
        await work.memories.recalled(cited, at)
        return {MEMORIES: [str(each) for each in cited], DOCUMENTS: [str(each) for each in self.citations.documents]}
