"""How well a search answers the questions of the corpus."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from typing_extensions import override

from application.knowledge.retrieve import Retrieve
from application.ports.embedder import Embedder
from application.ports.embeddings import Embeddings, Vector
from application.ports.passage_search import Coverage, FoundPassage, PassageSearch, Ranked
from application.ports.passages import Passages
from domain.ids import PassageId, UserId, WorkspaceId
from domain.knowledge import Filters, Passage, SourceKind
from domain.memories.queries import query_of
from tests.quality.corpus import Corpus, Key, Question

DEPTH = 25
ALL = frozenset(SourceKind)
Ranking = Sequence[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What each way of searching finds for a question, best first, and the first `DEPTH` only."""

    question: Question
    hybrid: Ranking
    lexical: Ranking
    semantic: Ranking


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is searched for a question: its words, and when and of what kind the answer may be."""

    text: str
    filters: Filters


async def fill(passages: Passages, workspace_id: WorkspaceId, corpus: Corpus) -> None:
    """Puts the corpus into a search, in a unit of work of which these are the passages."""
    for each in corpus.sources:
        held = list(each.passages.values())
        await passages.replace(workspace_id, each.source, held, each.standing, corpus.language)


async def embed(embeddings: Embeddings, embedder: Embedder, corpus: Corpus) -> None:
    """Gives all passages of the corpus their vectors."""
    held = [passage for each in corpus.sources for passage in each.passages.values()]
    vectors = await embedder.embed([passage.words for passage in held])
    await embeddings.put(embedder.name, {passage.id: vector for passage, vector in zip(held, vectors, strict=True)})


def plainly(workspace_id: WorkspaceId, reader_id: UserId, corpus: Corpus) -> Callable[[Question], Asked]:
    """Asks each question as it stands, of everything."""
    filters = Filters(workspace_id=workspace_id, reader_id=reader_id, kinds=ALL, at=corpus.now)
    return lambda question: Asked(text=question.text, filters=filters)


def conversationally(workspace_id: WorkspaceId, reader_id: UserId, corpus: Corpus) -> Callable[[Question], Asked]:
    """Asks each question as a companion does: of the kinds and the time that it is about, without words about these."""
    plain = plainly(workspace_id, reader_id, corpus)

    def ask(question: Question) -> Asked:
        query = query_of(question.text, corpus.now, "UTC", corpus.language)
        filters = replace(plain(question).filters, kinds=query.kinds, since=query.since, until=query.until)
        return Asked(text=query.text, filters=filters)

    return ask


async def answers(
    retrieve: Retrieve, corpus: Corpus, questions: Sequence[Question], ask: Callable[[Question], Asked]
) -> list[Answered]:
    """What is found for each question."""
    keys, noting = corpus.keys, _Noting(retrieve.search)
    found: list[Answered] = []
    for question in questions:
        asked = ask(question)
        hybrid = await replace(retrieve, search=noting)(asked.text, corpus.language, asked.filters, DEPTH)
        found.append(
            Answered(
                question=question,
                hybrid=[keys[hit.found.passage.id] for hit in hybrid.hits],
                lexical=[keys[each.passage_id] for each in noting.by_words[:DEPTH]],
                semantic=[keys[each.passage_id] for each in noting.by_meaning[:DEPTH]],
            )
        )
    return found


class _Noting(PassageSearch):
    """A search that notes what it found last."""

    def __init__(self, search: PassageSearch) -> None:
        self._search = search
        self.by_words: Sequence[Ranked] = ()
        self.by_meaning: Sequence[Ranked] = ()

    @override
    async def lexical(
        self, query: str, language: str, filters: Filters, limit: int, *, typos: bool = True
    ) -> Sequence[Ranked]:
        self.by_words = await self._search.lexical(query, language, filters, limit, typos=typos)
        return self.by_words

    @override
    async def semantic(self, vector: Vector, embedder: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        self.by_meaning = await self._search.semantic(vector, embedder, filters, limit)
        return self.by_meaning

    @override
    async def coverage(self, embedder: str, filters: Filters) -> Coverage | None:
        return await self._search.coverage(embedder, filters)

    @override
    async def found(self, passage_ids: Sequence[PassageId]) -> Sequence[FoundPassage]:
        return await self._search.found(passage_ids)

    @override
    async def leading(self, filters: Filters, limit: int) -> Sequence[Passage]:
        return await self._search.leading(filters, limit)


def first(answered: Sequence[Answered], among: int = 3) -> float:
    """The share of questions with a right passage among the first of what hybrid search finds, in percent."""
    hits = [bool(each.question.right & set(each.hybrid[:among])) for each in answered]
    return 100 * sum(hits) / len(hits)


def recall(answered: Sequence[Answered], way: str, at: int) -> float:
    """The share of the right passages that are among the first `at`, the mean over all questions, in percent."""
    shares = [len(each.question.right & set(getattr(each, way)[:at])) / len(each.question.right) for each in answered]
    return 100 * sum(shares) / len(shares)


def told(answered: Sequence[Answered]) -> str:
    """All figures as a table, to be printed."""
    groups = {name: [each for each in answered if name in each.question.names] for name in _names(answered)}
    head = f"{'questions':<16}{'':>5}  in 3  lexical@10  semantic@10  hybrid@10  lexical@25  semantic@25  hybrid@25"
    return "\n".join([head, *(_line(name, some) for name, some in groups.items()), _line("all", answered)])


def _names(answered: Sequence[Answered]) -> list[str]:
    return list(dict.fromkeys(name for each in answered for name in each.question.names))


def _line(name: str, some: Sequence[Answered]) -> str:
    recalls = [recall(some, way, at) for at in (10, 25) for way in ("lexical", "semantic", "hybrid")]
    widths = (12, 13, 11, 12, 13, 11)
    told = "".join(f"{value:>{width}.1f}" for value, width in zip(recalls, widths, strict=True))
    return f"{name:<16}{len(some):>5}{first(some):>6.1f}{told}"
