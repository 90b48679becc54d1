"""Search over many workspaces, what goes into it, and how good it is."""

from collections.abc import Sequence
from typing import Any

from adapters.offline.embedder import OfflineEmbedder
from domain.ids import WorkspaceId
from tests.benchmarks.library import Author, library
from tests.benchmarks.remembering import remembering
from tests.benchmarks.searching import searching
from tests.benchmarks.seed import workspaces
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Aim, Row
from tests.quality.measured import found_by, measured

NOTE = (
    "in this process, over PostgreSQL, 8 at once or one at a time. The floor asks by hand what ours asks of the "
    "database, with the same\nparameters, one statement after the other, and makes nothing of the answers; that of "
    "growth is ours among the fewer passages.\nThe vectors of questions are given. Documents are in an invented "
    "language, 1,000 passages to a workspace; all have the vectors of\nthe first. Quality is that of tests/quality, in "
    "percent of its questions, the floor of recall the better one of both ways alone."
)


async def measure(stage: Stage) -> list[Row]:
    """The rows of this group."""
    scale, author, embedder = stage.scale, Author(), OfflineEmbedder()
    few, many = scale.shelves
    among = await workspaces(stage, many + 1)
    quality = await _quality(stage, among.pop())
    small = await library(stage, among[:few], scale.passages, author, embedder)
    before = await searching(stage, small.asking, embedder)
    large = await library(stage, among[few:], scale.passages, author, embedder)
    after = await searching(stage, [*small.asking, *large.asking], embedder)
    grown = f"  among {many * scale.passages:,} passages instead of {few * scale.passages:,}"
    return [
        _row("hybrid search", "per s", after["ours all"], after["floor all"], Aim(0.8, ratio=True)),
        _row("  its p50, one at a time", "ms", after["ours p50"], after["floor p50"], Aim(5, most=True)),
        _row("  its p95, one at a time", "ms", after["ours p95"], after["floor p95"], Aim(15, most=True)),
        _row(grown, "per s", after["ours all"], before["ours all"], Aim(0.8, ratio=True)),
        *await remembering(stage),
        Row(name="index passages of documents", unit="per s", ours=[small.indexing, large.indexing]),
        Row(name="embed passages offline", unit="per s", ours=[small.embedding, large.embedding]),
        *quality,
    ]


def _row(name: str, unit: str, ours: Sequence[float], floor: Sequence[float], aim: Aim) -> Row:
    return Row(name=name, unit=unit, ours=ours, floor=floor, aim=aim)


async def _quality(stage: Stage, workspace_id: WorkspaceId) -> list[Row]:
    ports: Any = stage.container.ports
    stored = ports.begin(), ports.passage_search(), ports.embeddings()
    found = measured(await found_by(*stored, OfflineEmbedder(), workspace_id))
    better = {at: max(found[f"lexical@{at}"], found[f"semantic@{at}"]) for at in (10, 25)}
    return [
        Row(name="right among 3, literal", unit="%", ours=[found["literal"]], aim=Aim(95)),
        Row(name="right among 3, reworded", unit="%", ours=[found["reworded"]], aim=Aim(60)),
        Row(name="right among 3, conversational", unit="%", ours=[found["conversational"]]),
        Row(name="recall at 10", unit="%", ours=[found["hybrid@10"]], floor=[better[10]], aim=Aim(0.995, ratio=True)),
        Row(name="recall at 25", unit="%", ours=[found["hybrid@25"]], floor=[better[25]], aim=Aim(1, ratio=True)),
    ]
