from collections.abc import Sequence

from sqlalchemy import ARRAY, Double, Integer, Text, Uuid, bindparam, text
from typing_extensions import override

from adapters.postgres.embeddings import LACKS
from adapters.postgres.lexical_search import LexicalSearch
from adapters.postgres.makers import Maker
from adapters.postgres.passage_filters import PASSES, binds, passing
from adapters.postgres.passages import COLUMNS, PASSAGE
from adapters.postgres.statements import Database, Statement, only
from adapters.postgres.tables import embeddings, passages
from adapters.postgres.types import choice
from adapters.postgres.vector_indexes import KnownIndexes, nearest
from application.ports.embeddings import Vector
from application.ports.passage_search import Coverage, FoundPassage, PassageSearch, Ranked
from application.ports.stemmer import Stemmer
from application.ports.vector_indexes import EXACT_UP_TO
from domain.ids import PassageId
from domain.knowledge import Filters, Passage, Standing

_COMPARED = 4
"""How many times as many as are always compared, are where nothing is alike: a fraction of a second."""
# By the score, which no index orders: the workspace's own would be asked otherwise, and tell what is near among all, of
# which hardly any may pass the filters.
_SEMANTIC = Statement(
    text(
        f"""
        select e.passage_id, 1 - (e.vector <=> :vector) as score
        from passages as p join embeddings as e on e.passage_id = p.id
        where {PASSES} and e.workspace_id = :workspace_id and e.embedder = :embedder
        order by score desc, e.passage_id limit :most
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
          when not exists (select from passages as p where {PASSES}) then null
          when not exists (
            select from embeddings as e where e.workspace_id = :workspace_id and {LACKS}
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
          coalesce(d.title, '') as title, d.source_uri as uri, coalesce(m.access_count, 0) as uses, s.conversation_id
        from passages as p
        left join documents as d on p.kind = 'document' and d.id = p.source_id
        left join memories as m on p.kind = 'memory' and m.id = p.source_id
        left join messages as s on p.kind in ('message', 'visitor_message') and s.id = p.source_id
        where p.id = any (:ids)
        """  # noqa: S608 (the names are of columns)
    )
    .bindparams(bindparam("ids", type_=ARRAY(Uuid())))
    .columns(*COLUMNS, *_STANDING.values(), title=Text(), uri=Text(), uses=Integer(), conversation_id=Uuid()),
    Maker(
        FoundPassage,
        {
            "passage": PASSAGE,
            "standing": Maker(Standing, {name: name for name in _STANDING}),
            **{name: name for name in ("title", "uri", "uses", "conversation_id")},
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
        self._by_words = LexicalSearch(database, stemmer)
        self._exact_up_to = exact_up_to
        self._indexes = KnownIndexes(database)

    @override
    async def lexical(
        self, query: str, language: str, filters: Filters, limit: int, *, typos: bool = True
    ) -> Sequence[Ranked]:
        return await self._by_words(query, language, filters, limit, typos=typos)

    @override
    async def semantic(self, vector: Vector, embedder: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        given = passing(filters)
        if await self._indexes.has(filters.workspace_id, embedder) and await self._pass(filters, self._exact_up_to):
            found = await self._nearest(vector, embedder, filters, limit)
            if len(found) == limit and await self._is_guided(found, filters):
                return found
        return await self._database.all(_SEMANTIC, vector=vector, embedder=embedder, most=limit, **given)

    @override
    async def coverage(self, embedder: str, filters: Filters) -> Coverage | None:
        found: Coverage | None = await self._database.one(_COVERAGE, embedder=embedder, **passing(filters))
        return found

    @override
    async def found(self, passage_ids: Sequence[PassageId]) -> Sequence[FoundPassage]:
        return await self._database.all(_FOUND, ids=list(passage_ids))

    @override
    async def leading(self, filters: Filters, limit: int) -> Sequence[Passage]:
        return await self._database.all(_LEADING, most=limit, **passing(filters))

    async def _is_guided(self, found: Sequence[Ranked], filters: Filters) -> bool:
        """Whether the index may be relied on: from far outside of all there is, its graph leads astray.

        Of very many there is no better guide.
        """
        return found[0].score > 0 or await self._pass(filters, _COMPARED * self._exact_up_to)

    async def _pass(self, filters: Filters, number: int) -> bool:
        """Whether more than this number pass."""
        counted: int | None = await self._database.one(_COUNT, most=number + 1, **passing(filters))
        return (counted or 0) > number

    async def _nearest(self, vector: Vector, embedder: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        async with self._database.transaction() as transaction:
            await transaction.one(_WIDELY)
            statement = nearest(filters.workspace_id, embedder)
            return await transaction.all(statement, vector=vector, most=limit, **passing(filters))
