"""The model of the tests' instance: offline, but where a test has put a script of its own on stage."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.language_model import ScriptedLanguageModel, Step
from adapters.offline.language_model import OfflineLanguageModel
from application.ports.language_model import Finished, LanguageModel, ModelEvent, StopReason, TextDelta
from domain.prompts import Prompt, Tool, UserTurn

END = Finished(reason=StopReason.END)
TOOLS = Finished(reason=StopReason.TOOLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A staged question whose reply says `before`, waits until it is let `go`, and says `after`."""

    question: str
    before: str
    after: str
    go: asyncio.Event
    script: ScriptedLanguageModel


class StagedLanguageModel(LanguageModel):
    """Answers a question that was staged by its script, all others as the offline model does.

    So one instance serves all tests at once, as long as each stages a question that nobody else asks.

    Attributes:
        prompts: what was asked, in order.
    """

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []
        self._offline = OfflineLanguageModel()
        self._staged: dict[str, ScriptedLanguageModel] = {}

    @property
    @override
    def name(self) -> str:
        return self._offline.name

    def stage(self, question: str, *replies: Iterable[Step]) -> ScriptedLanguageModel:
        """Plays these replies, one for each call, to whoever asks exactly this."""
        self._staged[question] = script = ScriptedLanguageModel(*replies)
        return script

    def hold(self, before: str = "Half a ", after: str = "reply.") -> Held:
        """Stages a new question whose reply stops midway."""
        question, go = f"What about {uuid.uuid4()}?", asyncio.Event()
        script = self.stage(question, [TextDelta(before), go, TextDelta(after), END])
        return Held(question=question, before=before, after=after, go=go, script=script)

    @override
    def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        self.prompts.append(prompt)
        question = [turn.text for turn in prompt.turns if isinstance(turn, UserTurn)][-1]
        return self._staged.get(question, self._offline).stream(prompt, tools)
