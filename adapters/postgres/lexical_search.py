"""The search by words: BM25 over the hashed words of passages, and the neighbours of those that nothing holds."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Double, Float, Integer, LargeBinary, Uuid, bindparam, text

from adapters.postgres.passage_filters import PASSES, PASSES_BESIDES, binds, passing
from adapters.postgres.statements import Database, Statement, only
from adapters.postgres.words import keys_of, shelves, together
from application.ports.passage_search import Ranked
from application.ports.stemmer import Stemmer
from domain.ids import PassageId
from domain.knowledge import Filters
from domain.knowledge.matching import PHRASE_SHARE, Wanted
from domain.knowledge.terms import MOST_TYPOS, Term, neighbours, pairs, query_terms

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


class LexicalSearch:
    """As `PassageSearch.lexical`."""

    def __init__(self, database: Database, stemmer: Stemmer) -> None:
        self._database = database
        self._stemmer = stemmer

    async def __call__(
        self, query: str, language: str, filters: Filters, limit: int, *, typos: bool
    ) -> Sequence[Ranked]:
        """The passages that share a word with `query`, best first."""
        terms = query_terms(query, language, self._stemmer.stems)
        if not terms:
            return ()
        wanted = [Wanted.asked(term) for term in terms]
        matches = await self._matches(wanted, filters, limit)
        held = matches[0].held if matches else 0
        most = MOST_TYPOS if typos else 0
        lacking = dict(islice(((n, term) for n, term in enumerate(terms) if not held >> n & 1), most))
        if near := await self._near(shelves(filters), lacking, language):
            wanted = [Wanted.meant(near[n]) if n in near else each for n, each in enumerate(wanted)]
            matches = await self._matches(wanted, filters, limit)
        return [match.ranked for match in matches]

    async def _matches(self, wanted: Sequence[Wanted], filters: Filters, limit: int) -> list[_Match]:
        given = _words(shelves(filters), wanted)
        return await self._database.all(_LEXICAL, most=limit, **given, **passing(filters))

    async def _near(
        self, shelves: Sequence[bytes], lacking: Mapping[int, Term], language: str
    ) -> dict[int, frozenset[str]]:
        """Of each of these words the neighbours that passages on these shelves hold, whoever may see these."""
        near = {number: neighbours(term, language, self._stemmer.stems) for number, term in lacking.items()}
        forms = sorted(frozenset[str]().union(*near.values()))
        left = {key: form for shelf in shelves for key, form in zip(keys_of(shelf, forms), forms, strict=True)}
        there: set[str] = set()
        while left:
            rows: list[list[int]] = await self._database.all(_NEAR, keys=list(left), most=_FEW)
            met = left.keys() & {key for keys in rows for key in keys}
            there |= {left.pop(key) for key in met}
            if len(rows) < _FEW:
                break
        return {number: held for number, each in near.items() if (held := each & there)}


def _words(shelves: Sequence[bytes], wanted: Sequence[Wanted]) -> dict[str, Any]:
    forms = [(number, form) for number, each in enumerate(wanted, start=1) for form in sorted(each.forms)]
    phrases = [
        (number, words)
        for shelf in shelves
        for number, (one, other) in enumerate(pairs(wanted))
        for words in together(shelf, wanted[one].stems, wanted[other].stems)
    ]
    return {
        "keys": [key for shelf in shelves for key in keys_of(shelf, (form for _, form in forms))],
        "numbers": [number for number, _ in forms] * len(shelves),
        "weights": [each.weight for each in wanted],
        "phrases": [words for _, words in phrases],
        "pairs": [number for number, _ in phrases],
    }
