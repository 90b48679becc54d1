"""`flightdeck worker` that tells where it is, with a model that counts words; SURVIVAL_WITHOUT takes something out."""

import os
import sys
from argparse import Namespace

from dependency_injector.providers import Object

from adapters.memory.language_model import MemoryLanguageModels
from entrypoints.cli.worker import run
from entrypoints.container import Container
from tests.survival.lacking import (
    UnextendedJobQueue,
    UnfencedJobQueue,
    UnfencedRunLog,
    UnfencedUnits,
    UnsavingUnits,
)
from tests.survival.points import reached
from tests.survival.watched import CountingLanguageModel, WatchedJobQueue, WatchedRunLog

WITHOUT = os.environ.get("SURVIVAL_WITHOUT", "")


def watch(container: Container) -> None:
    ports = container.ports
    begin, queue, log = ports.begin(), ports.job_queue(), ports.run_log()
    queues = {"lease": UnextendedJobQueue, "fence": UnfencedJobQueue}
    units = {"fence": UnfencedUnits, "checkpoint": UnsavingUnits}
    logs = {"fence": UnfencedRunLog}
    ports.begin.override(Object(units[WITHOUT](begin) if WITHOUT in units else begin))  # pyright: ignore[reportUnknownMemberType]
    ports.job_queue.override(Object(queues.get(WITHOUT, WatchedJobQueue)(queue, reached)))  # pyright: ignore[reportUnknownMemberType]
    ports.run_log.override(Object(logs.get(WITHOUT, WatchedRunLog)(log, reached)))  # pyright: ignore[reportUnknownMemberType]
    ports.language_models.override(Object(MemoryLanguageModels(CountingLanguageModel())))  # pyright: ignore[reportUnknownMemberType]


if __name__ == "__main__":
    sys.exit(run(Namespace(), prepare=watch))
