from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Double, Float, Integer, LargeBinary, Text, Uuid, bindparam, text
from typing_extensions import override

from adapters.postgres.knowledge import COLUMNS, PASSAGE
from adapters.postgres.makers import Maker
from adapters.postgres.passage_filters import PASSES, PASSES_BESIDES, binds, passing
from adapters.postgres.statements import Database, Statement, only
from adapters.postgres.tables import embeddings, passages
from adapters.postgres.types import choice
from adapters.postgres.vector_indexes import KnownIndexes, nearest
from adapters.postgres.words import keys_of, together
from application.ports.knowledge import EXACT_UP_TO, Coverage, FoundPassage, PassageSearch, Ranked, Vector
from application.ports.stemmer import Stemmer
from domain.ids import PassageId, WorkspaceId
from domain.knowledge import Filters, Passage, Standing
from domain.knowledge.matching import PHRASE_SHARE, Wanted
from domain.knowledge.terms import MOST_TYPOS, TYPO_WEIGHT, Term, neighbours, pairs, query_terms

_FEW = 16
"""So many passages with a neighbour of a word are looked at for which neighbour it is, at a time."""


class _Match(NamedTuple):
    """A passage, and which words of the query anything holds: the word with number n by 2 to the power of n."""

    ranked: Ranked
    held: int


def _match(passage_id: PassageId, score: float, held: int) -> _Match:
    return _Match(Ranked(passage_id, score), held)


# BM25 as in domain/ranking.py, over what passes the filters alone; see domain/knowledge/matching.py. `keys` are sorted,
# so that `width_bucket` finds the place of one by bisection. Phrases are looked for where they can bring a passage
# among the best, which have `enough` without. The keys come from a subquery, so that the planner counts on few rows: it
# takes many keys it has never seen for many rows.
_LEXICAL = Statement(
    text(
        f"""
        with
        wanted as materialized (
          select * from unnest(:keys, :numbers) as w (key, number)
        ),
        corpus as materialized (
          select count(*)::float8 as size, coalesce(nullif(avg(p.length), 0), 1)::float8 as mean
          from passages as p where {PASSES}
        ),
        found as materialized (
          select p.id, p.length, w.number, p.counts[width_bucket(w.key, p.keys)] as times
          from passages as p cross join wanted as w
          where p.keys && (select :keys) and {PASSES_BESIDES}
            and p.keys[width_bucket(w.key, p.keys)] = w.key
        ),
        held as materialized (
          select id, length, number, max(times) as times from found group by id, length, number
        ),
        holding as materialized (select number, count(*) as passages from held group by number),
        weights as materialized (
          select array_agg(
            asked.weight * ln(1 + (corpus.size - passages + 0.5) / (passages + 0.5)) order by asked.number
          ) as of
          from corpus, unnest(:weights) with ordinality as asked (weight, number)
          left join holding on holding.number = asked.number
        ),
        scores as materialized (
          select held.id, count(*) as words, sum(
            weights.of[held.number] * held.times * (1.2 + 1)
              / (held.times + 1.2 * (1 - 0.75 + 0.75 * held.length / corpus.mean))
            order by held.number
          ) as score
          from held, corpus, weights group by held.id
        ),
        enough as materialized (select score from scores order by score desc offset :most - 1 limit 1)
        select scores.id as passage_id,
          scores.score * (1 + :share * case when scores.words > 1 then (
            select count(distinct phrase.pair)
            from passages as p, unnest(:phrases, :pairs) as phrase (words, pair)
            where p.id = scores.id and position(phrase.words in p.sequence) > 0
          ) else 0 end / greatest(cardinality(:weights) - 1, 1)) as score,
          (select bit_or(cast(1 as bigint) << cast(number - 1 as integer)) from holding) as held
        from scores
        where scores.score * (1 + :share) >= coalesce((select score from enough), 0)
        order by score desc, scores.id limit :most
        """  # noqa: S608 (the filters are a constant)
    )
    .bindparams(
        *binds(),
        bindparam("keys", type_=ARRAY(BigInteger())),
        bindparam("numbers", type_=ARRAY(Integer())),
        bindparam("weights", type_=ARRAY(Float())),
        bindparam("phrases", type_=ARRAY(LargeBinary())),
        bindparam("pairs", type_=ARRAY(Integer())),
        bindparam("share", type_=Double(), value=PHRASE_SHARE),
        bindparam("most", type_=Integer()),
    )
    .columns(passage_id=Uuid(), score=Double(), held=BigInteger()),
    _match,
)

# A word that nothing holds stands for its neighbours. Which of them there are is seen by a few passages at a time. What
# is materialized is planned as if all of it was read, and then read as far as wanted: with the limit inside, the plan
# would be to read the table until enough is found, which may never be.
_NEAR = Statement(
    text(
        """
        with near as materialized (select keys from passages where keys && (select cast(:keys as bigint[])))
        select keys from near limit :most
        """
    )
    .bindparams(bindparam("keys", type_=ARRAY(BigInteger())), bindparam("most", type_=Integer()))
    .columns(keys=ARRAY(BigInteger())),
    only,
)

_SEMANTIC = Statement(
    text(
        f"""
        select e.passage_id, 1 - (e.vector <=> :vector) as score
        from passages as p join embeddings as e on e.passage_id = p.id
        where {PASSES} and e.workspace_id = :workspace_id and e.embedder = :embedder
        order by e.vector <=> :vector, e.passage_id limit :most
        """  # noqa: S608 (the filters are a constant)
    )
    .bindparams(
        *binds(),
        bindparam("vector", type_=embeddings.c.vector.type),
        bindparam("embedder", type_=Text()),
        bindparam("most", type_=Integer()),
    )
    .columns(passage_id=Uuid(), score=Double()),
    Ranked,
)

_COUNT = Statement(
    text(
        f"select count(*) as counted from (select from passages as p where {PASSES} limit :most) as found"  # noqa: S608
    )
    .bindparams(*binds(), bindparam("most", type_=Integer()))
    .columns(counted=Integer()),
    only,
)
# For a transaction: an index is read on until enough has passed the filters, and further at first than is asked for.
# Without its sort a plan has to use the index.
_WIDELY = Statement(
    text(
        """
        select set_config('hnsw.iterative_scan', 'relaxed_order', true) || set_config('hnsw.ef_search', '400', true)
          || set_config('hnsw.max_scan_tuples', '100000', true) || set_config('enable_sort', 'off', true) as set
        """
    ).columns(set=Text()),
    only,
)

_COVERAGE = Statement(
    text(
        f"""
        select case
          when not exists (
            select from embeddings
            where workspace_id = :workspace_id and (embedder < :embedder or embedder > :embedder or embedder is null)
          ) then 'full'
          else (
            select case
              when bool_and(e.embedder is not distinct from :embedder) is not false then 'full'
              when bool_or(e.embedder is not distinct from :embedder) then 'partial'
              else 'none'
            end
            from passages as p join embeddings as e on e.passage_id = p.id where {PASSES}
          )
        end as coverage
        """  # noqa: S608 (the filters are a constant)
    )
    .bindparams(*binds(), bindparam("embedder", type_=Text()))
    .columns(coverage=choice(Coverage)),
    only,
)

_LEADING = Statement(
    text(
        f"""
        select {", ".join(f'p."{column.name}"' for column in COLUMNS)} from passages as p where {PASSES}
        order by p.kind collate "C", p.source_id, p.position limit :most
        """  # noqa: S608 (the filters are a constant)
    )
    .bindparams(*binds(), bindparam("most", type_=Integer()))
    .columns(*COLUMNS),
    PASSAGE,
)

_STANDING = {name: passages.c[name] for name in ("owner_id", "reader_id", "tier", "at", "expires_at")}
_FOUND = Statement(
    text(
        f"""
        select {", ".join(f'p."{column.name}"' for column in (*COLUMNS, *_STANDING.values()))},
          coalesce(d.title, '') as title, d.source_uri as uri, coalesce(m.access_count, 0) as uses
        from passages as p
        left join documents as d on p.kind = 'document' and d.id = p.source_id
        left join memories as m on p.kind = 'memory' and m.id = p.source_id
        where p.id = any (:ids)
        """  # noqa: S608 (the names are of columns)
    )
    .bindparams(bindparam("ids", type_=ARRAY(Uuid())))
    .columns(*COLUMNS, *_STANDING.values(), title=Text(), uri=Text(), uses=Integer()),
    Maker(
        FoundPassage,
        {
            "passage": PASSAGE,
            "standing": Maker(Standing, {name: name for name in _STANDING}),
            **{name: name for name in ("title", "uri", "uses")},
        },
    ),
)


class PostgresPassageSearch(PassageSearch):
    """Ranks within the database: by BM25 over hashed words, and by the distance of vectors.

    Args:
        exact_up_to: of how many passages each vector is compared, and no index asked.
    """

    def __init__(self, database: Database, stemmer: Stemmer, exact_up_to: int = EXACT_UP_TO) -> None:
        self._database = database
        self._stemmer = stemmer
        self._exact_up_to = exact_up_to
        self._indexes = KnownIndexes(database)

    @override
    async def lexical(self, query: str, language: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        terms = query_terms(query, language, self._stemmer.stems)
        if not terms:
            return ()
        wanted = [Wanted(frozenset(term.forms)) for term in terms]
        matches = await self._matches(wanted, filters, limit)
        held = matches[0].held if matches else 0
        lacking = dict(islice(((n, term) for n, term in enumerate(terms) if not held >> n & 1), MOST_TYPOS))
        if near := await self._near(filters.workspace_id, lacking, language):
            wanted = [Wanted(near[n], TYPO_WEIGHT) if n in near else each for n, each in enumerate(wanted)]
            matches = await self._matches(wanted, filters, limit)
        return [match.ranked for match in matches]

    @override
    async def semantic(self, vector: Vector, embedder: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        given = passing(filters)
        if await self._indexes.has(filters.workspace_id, embedder) and await self._are_many(filters):
            found = await self._nearest(vector, embedder, filters, limit)
            if len(found) == limit:
                return found
        return await self._database.all(_SEMANTIC, vector=vector, embedder=embedder, most=limit, **given)

    @override
    async def coverage(self, embedder: str, filters: Filters) -> Coverage:
        found: Coverage | None = await self._database.one(_COVERAGE, embedder=embedder, **passing(filters))
        return found or Coverage.FULL

    @override
    async def found(self, passage_ids: Sequence[PassageId]) -> Sequence[FoundPassage]:
        return await self._database.all(_FOUND, ids=list(passage_ids))

    @override
    async def leading(self, filters: Filters, limit: int) -> Sequence[Passage]:
        return await self._database.all(_LEADING, most=limit, **passing(filters))

    async def _are_many(self, filters: Filters) -> bool:
        counted: int | None = await self._database.one(_COUNT, most=self._exact_up_to + 1, **passing(filters))
        return (counted or 0) > self._exact_up_to

    async def _nearest(self, vector: Vector, embedder: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        async with self._database.transaction() as transaction:
            await transaction.one(_WIDELY)
            statement = nearest(filters.workspace_id, embedder)
            return await transaction.all(statement, vector=vector, most=limit, **passing(filters))

    async def _matches(self, wanted: Sequence[Wanted], filters: Filters, limit: int) -> list[_Match]:
        given = _words(filters.workspace_id, wanted)
        return await self._database.all(_LEXICAL, most=limit, **given, **passing(filters))

    async def _near(
        self, workspace_id: WorkspaceId, lacking: Mapping[int, Term], language: str
    ) -> dict[int, frozenset[str]]:
        """Of each of these words the neighbours that passages of the workspace hold, whoever may see these."""
        near = {number: neighbours(term, language, self._stemmer.stems) for number, term in lacking.items()}
        forms = sorted(frozenset[str]().union(*near.values()))
        left = dict(zip(keys_of(workspace_id, forms), forms, strict=True))
        there: set[str] = set()
        while left:
            rows: list[list[int]] = await self._database.all(_NEAR, keys=list(left), most=_FEW)
            met = left.keys() & {key for keys in rows for key in keys}
            there |= {left.pop(key) for key in met}
            if len(rows) < _FEW:
                break
        return {number: held for number, each in near.items() if (held := each & there)}


def _words(workspace_id: WorkspaceId, wanted: Sequence[Wanted]) -> dict[str, Any]:
    forms = [(number, form) for number, each in enumerate(wanted, start=1) for form in sorted(each.forms)]
    phrases = [
        (number, words)
        for number, (one, other) in enumerate(pairs(wanted))
        for words in together(workspace_id, wanted[one].forms, wanted[other].forms)
    ]
    return {
        "keys": keys_of(workspace_id, (form for _, form in forms)),
        "numbers": [number for number, _ in forms],
        "weights": [each.weight for each in wanted],
        "phrases": [words for _, words in phrases],
        "pairs": [number for number, _ in phrases],
    }
