"""`flightdeck worker` whose model answers at once."""

import sys
from argparse import Namespace
from collections.abc import AsyncGenerator, Sequence

from dependency_injector.providers import Object
from typing_extensions import override

from adapters.memory.language_model import MemoryLanguageModels
from application.ports.language_model import Finished, LanguageModel, ModelEvent, StopReason, TextDelta
from domain.prompts import Prompt, Tool
from entrypoints.cli.worker import run
from entrypoints.container import Container


class InstantLanguageModel(LanguageModel):
    """Says one sentence, with nothing to wait for."""

    @property
    @override
    def name(self) -> str:
        return "instant:sentence"

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        yield TextDelta("Yes, on Friday at seven.")
        yield Finished(reason=StopReason.END, input_tokens=100, output_tokens=7)


def answer_at_once(container: Container) -> None:
    models = MemoryLanguageModels(InstantLanguageModel())
    container.ports.language_models.override(Object(models))  # pyright: ignore[reportUnknownMemberType]


if __name__ == "__main__":
    sys.exit(run(Namespace(), prepare=answer_at_once))
