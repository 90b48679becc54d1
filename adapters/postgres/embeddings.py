from collections.abc import Mapping, Sequence

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, text
from typing_extensions import override

from adapters.postgres.statements import Command, Database, Statement, only
from adapters.postgres.types import half_vectors
from application.ports.embeddings import DIMENSIONS, Embeddings, Unembedded, Vector
from domain.ids import PassageId, WorkspaceId

SAID = "case p.heading when '' then p.text else p.heading || e'\\n' || p.text end"
"""What the passage `p` says: `Passage.words`."""
LACKS = "(e.embedder < :embedder or e.embedder > :embedder or e.embedder is null)"  # three ranges of an index
"""The row `e` has no vector of the embedder."""

_MISSING = Statement(
    text(
        f"""
        select p.id as passage_id, {SAID} as words
        from (
          select passage_id from embeddings as e where e.workspace_id = :workspace_id and {LACKS}
          order by passage_id desc limit :most
        ) as lacking join passages as p on p.id = lacking.passage_id
        order by p.id desc
        """  # noqa: S608 (a constant)
    )
    .bindparams(
        bindparam("workspace_id", type_=Uuid()),
        bindparam("embedder", type_=Text()),
        bindparam("most", type_=Integer()),
    )
    .columns(passage_id=Uuid(), words=Text()),
    Unembedded,
)

# From workspace to workspace within each range, whatever number of passages each has there.
_INCOMPLETE = Statement(
    text(
        f"""
        with recursive found as (
          (select e.workspace_id, 1 as number from embeddings as e where {LACKS} order by e.workspace_id limit 1)
          union all
          select following.workspace_id, found.number + 1 from found cross join lateral (
            select e.workspace_id from embeddings as e where {LACKS} and e.workspace_id > found.workspace_id
            order by e.workspace_id limit 1
          ) as following
          where found.number < :most
        )
        select workspace_id from found
        """  # noqa: S608 (a constant)
    )
    .bindparams(bindparam("embedder", type_=Text()), bindparam("most", type_=Integer()))
    .columns(workspace_id=Uuid()),
    only,
)

# A row that somebody changes or removes at this moment is left as it is, and stays among the missing: to wait for it
# while holding others, as who removes a source does too, could be to wait for each other.
_PUT = Command(
    text(
        """
        with free as materialized (
          select passage_id from embeddings where passage_id = any (cast(:ids as uuid[])) for update skip locked
        )
        update embeddings as e set embedder = :embedder, vector = cast(given.vector as halfvec)
        from unnest(cast(:ids as uuid[]), cast(:vectors as text[])) as given (id, vector)
        join free on free.passage_id = given.id
        where e.passage_id = given.id
        """
    ).bindparams(
        bindparam("embedder", type_=Text()),
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("vectors", type_=half_vectors(DIMENSIONS)),
    )
)


class PostgresEmbeddings(Embeddings):
    """Vectors in a table beside the passages, so that to give one touches no index of words."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def missing(self, embedder: str, workspace_id: WorkspaceId, limit: int) -> Sequence[Unembedded]:
        return await self._database.all(_MISSING, embedder=embedder, workspace_id=workspace_id, most=limit)

    @override
    async def incomplete(self, embedder: str, limit: int) -> Sequence[WorkspaceId]:
        return await self._database.all(_INCOMPLETE, embedder=embedder, most=limit)

    @override
    async def put(self, embedder: str, vectors: Mapping[PassageId, Vector]) -> None:
        await self._database.run(_PUT, embedder=embedder, ids=list(vectors), vectors=list(vectors.values()))
