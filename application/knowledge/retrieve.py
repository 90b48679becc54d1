import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.embedder import Embedder, EmbedderError
from application.ports.embeddings import Vector
from application.ports.passage_search import Coverage, FoundPassage, PassageSearch, Ranked
from domain.ids import PassageId
from domain.knowledge import DEPTH, Filters, Parts, Weights, contenders, fused, recency, repeats, tier_worth, use

EMBEDDING_SECONDS = 3.0
"""How long a search waits for the vector of its query; then it goes by words alone."""


Wanted = tuple[Filters, int]
"""Among what to search, and how many hits are wanted at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found, and why."""

    found: FoundPassage
    parts: Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """What a search found, best first.

    Attributes:
        embedder: whose vectors were compared. semantic: how much of what may be found had one; none also when the
            embedder did not answer.
    """

    hits: Sequence[Hit]
    embedder: str
    semantic: Coverage


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Finds passages by words and by meaning, for whoever has made sure that its filters are the reader's."""

    search: PassageSearch
    embedder: Embedder

    async def __call__(self, query: str, language: str, filters: Filters, limit: int) -> Retrieved:
        """The best `limit` for `query`, never fewer when so many pass the filters and have vectors.

        Where two of them say nearly the same, the lesser comes after all that say something else.
        """
        (retrieved,) = await self.each(query, language, [(filters, limit)])
        return retrieved

    async def each(self, query: str, language: str, wanted: Sequence[Wanted]) -> Sequence[Retrieved]:
        """What one query finds for each that is wanted, as it were asked alone; its vector is made once, if at all."""
        lexical, semantic = await asyncio.gather(
            asyncio.gather(*(self.search.lexical(query, language, each[0], _depth(each[1])) for each in wanted)),
            self._semantic(query, wanted),
        )
        legs = zip(wanted, lexical, semantic, strict=True)
        return await asyncio.gather(*(self._retrieved(each, words, *meaning) for each, words, meaning in legs))

    async def _retrieved(
        self, wanted: Wanted, lexical: Sequence[Ranked], semantic: Sequence[Ranked], coverage: Coverage
    ) -> Retrieved:
        filters, limit = wanted
        worth = fused(_ids(lexical), _ids(semantic), Weights(semantic=self.embedder.weight))
        found = await self.search.found(contenders(worth, limit)) if worth else ()
        hits = [Hit(found=each, parts=_parts(each, worth[each.passage.id], filters)) for each in found]
        hits.sort(key=lambda hit: (-hit.parts.score, hit.found.passage.id))
        return Retrieved(hits=_diverse(hits[:limit]), embedder=self.embedder.name, semantic=coverage)

    async def _semantic(self, query: str, wanted: Sequence[Wanted]) -> Sequence[tuple[Sequence[Ranked], Coverage]]:
        coverages = await asyncio.gather(*(self.search.coverage(self.embedder.name, filters) for filters, _ in wanted))
        comparable = any(each in {Coverage.FULL, Coverage.PARTIAL} for each in coverages)
        vector = await self._vector(query) if comparable else None
        pairs = zip(wanted, coverages, strict=True)
        return await asyncio.gather(*(self._alike(vector, each, coverage) for each, coverage in pairs))

    async def _alike(
        self, vector: Vector | None, wanted: Wanted, coverage: Coverage | None
    ) -> tuple[Sequence[Ranked], Coverage]:
        if coverage is None:
            return (), Coverage.FULL
        if vector is None or coverage is Coverage.NONE:
            return (), Coverage.NONE
        filters, limit = wanted
        return await self.search.semantic(vector, self.embedder.name, filters, _depth(limit)), coverage

    async def _vector(self, query: str) -> Vector | None:
        try:
            async with asyncio.timeout(EMBEDDING_SECONDS):
                (vector,) = await self.embedder.embed([query])
        except (EmbedderError, TimeoutError):
            return None
        return vector


def _depth(limit: int) -> int:
    return max(DEPTH, limit)


def _ids(ranking: Sequence[Ranked]) -> list[PassageId]:
    return [each.passage_id for each in ranking]


def _parts(found: FoundPassage, legs: tuple[float, float], filters: Filters) -> Parts:
    return Parts(
        lexical=legs[0],
        semantic=legs[1],
        recency=recency(found.standing.at, filters.at),
        tier=tier_worth(found.standing.tier),
        use=use(found.uses),
    )


def _diverse(hits: Sequence[Hit]) -> list[Hit]:
    """The same hits, those that repeat a better one last."""
    marked = list(zip(hits, repeats([hit.found.passage.text for hit in hits]), strict=True))
    return [hit for hit, repeating in marked if not repeating] + [hit for hit, repeating in marked if repeating]
