"""Generated documents in many workspaces, and questions that their passages answer."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from uuid import UUID

import psycopg

from application.knowledge.indexing import Content, index
from application.ports.embedder import Embedder
from application.ports.embeddings import Vector
from domain.actors import SYSTEM
from domain.ids import DocumentId, WorkspaceId, new_id
from domain.knowledge import DocumentIndexed, DocumentKind, Source, SourceKind, Standing
from tests.benchmarks.stage import Stage

_WORDS = 20_000
_LONG = (60, 110)  # words of a passage
_SECTIONS = 20  # of a document
_ASKED = 4  # words of a question

# The first workspace's vectors go to the passages of all others, by their order: what is compared is of that size, and
# whether it says the same does not matter to how long it takes.
_COPY = b"""
update embeddings as e set embedder = t.embedder, vector = t.vector
from (
  select passage_id, row_number() over (partition by workspace_id order by passage_id) as place from embeddings
  where workspace_id = any (%(others)s)
) as r
join (
  select embedder, vector, row_number() over (order by passage_id) as place from embeddings
  where workspace_id = %(first)s
) as t using (place)
where e.passage_id = r.passage_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A question to a workspace, and its vector."""

    workspace_id: WorkspaceId
    text: str
    vector: Vector


class Author:
    """Writes in an invented language whose words are as common or rare as those of any; always the same."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 (text, not a secret)
        syllables = [one + two for one in "bdfgklmnprstvz" for two in "aeiou"]
        invented = (self._random.choices(syllables, k=self._random.randint(2, 4)) for _ in range(_WORDS))
        self._words = list(dict.fromkeys("".join(each) for each in invented))
        self._common = list(accumulate(1 / (rank + 3) for rank in range(len(self._words))))

    def passage(self) -> str:
        """A few sentences of 60 to 110 words."""
        chosen = self._random.choices(self._words, cum_weights=self._common, k=self._random.randint(*_LONG))
        chosen[::12] = [word.capitalize() for word in chosen[::12]]
        return " ".join(chosen) + "."

    def sentence(self) -> str:
        """About what people have remembered: a dozen words."""
        return " ".join(self._random.choices(self._words, cum_weights=self._common, k=12)).capitalize() + "."

    def question(self, passage: str) -> str:
        """Some of the words of the passage, in another order."""
        return " ".join(self._random.sample(passage.lower().rstrip(".").split(), _ASKED))

    def document(self, passages: Sequence[str]) -> str:
        """Markdown in which each of the passages has a heading of its own."""
        return "\n\n".join(f"## {text.split()[0]} {place}\n\n{text}" for place, text in enumerate(passages))


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Some workspaces with documents, and what can be asked about them.

    Attributes:
        indexing: passages a second that became findable by their words. embedding: that got their vectors.
    """

    workspaces: Sequence[WorkspaceId]
    asking: Sequence[Asking]
    indexing: float
    embedding: float


async def library(
    stage: Stage, among: Sequence[WorkspaceId], passages: int, author: Author, embedder: Embedder
) -> Library:
    """So many passages for each of these workspaces, all with vectors, and a question to each."""
    began, asked = time.monotonic(), list[tuple[WorkspaceId, str]]()
    for workspace_id in among:
        written = [author.passage() for _ in range(passages)]
        for some in _batches(written, _SECTIONS):
            await _index(stage, workspace_id, author.document(some))
        asked += [(workspace_id, author.question(author_text)) for author_text in written[:3]]
    indexing = time.monotonic() - began
    embedding = await _embed(stage, among, embedder)
    vectors = await embedder.embed([text for _, text in asked])
    return Library(
        workspaces=among,
        asking=[
            Asking(workspace_id=workspace_id, text=text, vector=vector)
            for (workspace_id, text), vector in zip(asked, vectors, strict=True)
        ],
        indexing=len(among) * passages / indexing,
        embedding=passages / embedding,
    )


async def _index(stage: Stage, workspace_id: WorkspaceId, text: str) -> None:
    now = stage.container.ports.clock().now()
    document_id = DocumentId(new_id(now))
    source, standing = Source(SourceKind.DOCUMENT, document_id), Standing(at=now)
    because = DocumentIndexed(
        workspace_id=workspace_id, actor=SYSTEM, at=now, document_id=document_id, kind=DocumentKind.NOTE
    )
    async with stage.container.ports.begin()() as work:
        work.record(because)
        await index(work, workspace_id, source, Content(text, "en"), standing, now)
        await work.commit(None)


async def _embed(stage: Stage, among: Sequence[WorkspaceId], embedder: Embedder) -> float:
    """Seconds that the vectors of the first workspace took; the others have the same."""
    embeddings: Any = stage.container.ports.embeddings()
    first, *others = among
    began = time.monotonic()
    while missing := await embeddings.missing(embedder.name, first, 128):
        vectors = await embedder.embed([each.words for each in missing])
        pairs = zip(missing, vectors, strict=True)
        await embeddings.put(embedder.name, {each.passage_id: vector for each, vector in pairs})
    seconds = time.monotonic() - began
    async with await psycopg.AsyncConnection.connect(stage.database_url, autocommit=True) as connection:
        for some in _batches(others, 50):
            await connection.execute(_COPY, {"first": first, "others": [UUID(int=each.int) for each in some]})
        await connection.execute("vacuum analyze passages, embeddings")
    return seconds


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]
