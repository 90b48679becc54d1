"""`flightdeck worker` whose model takes its time between two words, so that a reply can be hit while it is made."""

import sys
from argparse import Namespace

from dependency_injector.providers import Object

from adapters.memory.language_model import MemoryLanguageModels
from adapters.offline.language_model import OfflineLanguageModel
from entrypoints.cli.worker import run
from entrypoints.container import Container

PAUSE_SECONDS = 0.1


def slow_down(container: Container) -> None:
    models = MemoryLanguageModels(OfflineLanguageModel(pause=PAUSE_SECONDS))
    container.ports.language_models.override(Object(models))  # pyright: ignore[reportUnknownMemberType]


if __name__ == "__main__":
    sys.exit(run(Namespace(), prepare=slow_down))
