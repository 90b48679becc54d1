import re
from asyncio import get_running_loop
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Double, Integer, Text, Uuid, bindparam, text
from typing_extensions import override

from adapters.postgres.passage_filters import PASSES, binds
from adapters.postgres.statements import Database, Statement, only
from adapters.postgres.tables import embeddings
from application.ports.passage_search import Ranked
from application.ports.vector_indexes import EXACT_UP_TO, VectorIndexes
from domain.ids import WorkspaceId

_KNOWN_FOR = 60.0  # seconds
_NAME = re.compile(r"embeddings_of_([0-9a-f]{32})_[0-9a-f]{12}")


class _Index(NamedTuple):
    name: str
    valid: bool


_NAMES = Statement(
    text(
        """
        select c.relname as name, i.indisvalid as valid from pg_index as i join pg_class as c on c.oid = i.indexrelid
        where i.indrelid = cast('embeddings' as regclass) and c.relname like 'embeddings\\_of\\_%'
        """
    ).columns(name=Text(), valid=Boolean()),
    _Index,
)
_GROWN = Statement(
    text(
        """
        select workspace_id from embeddings where embedder = :embedder
        group by workspace_id having count(*) > :least order by workspace_id
        """
    )
    .bindparams(bindparam("embedder", type_=Text()), bindparam("least", type_=BigInteger()))
    .columns(workspace_id=Uuid()),
    only,
)


def index_name(workspace_id: WorkspaceId, embedder: str) -> str:
    """The name of the index over the workspace's vectors of `embedder`."""
    return f"embeddings_of_{workspace_id.hex}_{sha256(embedder.encode()).hexdigest()[:12]}"


class KnownIndexes:
    """The indexes there are and can be used, as they were within the last minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: frozenset[str] = frozenset()
        self._until = 0.0

    async def has(self, workspace_id: WorkspaceId, embedder: str) -> bool:
        """Whether the workspace's vectors of `embedder` have an index of their own."""
        if get_running_loop().time() >= self._until:
            self._names = frozenset(name for name, valid in (await names(self._database)).items() if valid)
            self._until = get_running_loop().time() + _KNOWN_FOR
        return bool(self._names) and index_name(workspace_id, embedder) in self._names


async def names(database: Database) -> dict[str, bool]:
    """The indexes of single workspaces, and whether each can be used, as none can that is being built or failed."""
    return {index.name: index.valid for index in await database.all(_NAMES)}


@lru_cache(maxsize=1_000)
def nearest(workspace_id: WorkspaceId, embedder: str) -> Statement[Ranked]:
    """The search by the workspace's own index, whose condition it repeats word for word."""
    condition = _condition(workspace_id, embedder, "e.").replace(":", "\\:")
    return Statement(
        text(
            f"""
            with near as materialized (
              select e.passage_id, e.vector <=> :vector as distance
              from embeddings as e join passages as p on p.id = e.passage_id
              where {condition} and {PASSES}
              order by e.vector <=> :vector limit :most
            )
            select passage_id, 1 - distance as score from near order by distance, passage_id
            """  # noqa: S608 (an id and a quoted literal)
        )
        .bindparams(
            *binds(),
            bindparam("vector", type_=embeddings.c.vector.type),
            bindparam("most", type_=Integer()),
        )
        .columns(passage_id=Uuid(), score=Double()),
        Ranked,
    )


class PostgresVectorIndexes(VectorIndexes):
    """A partial HNSW index for each large workspace: one for all tenants finds next to nothing under a filter.

    Args:
        least: of how many vectors a workspace gets one.
    """

    def __init__(self, database: Database, least: int = EXACT_UP_TO) -> None:
        self._database = database
        self._least = least

    @override
    async def wanted(self, embedder: str) -> Sequence[WorkspaceId]:
        grown: list[WorkspaceId] = await self._database.all(_GROWN, embedder=embedder, least=self._least)
        usable = {name for name, valid in (await names(self._database)).items() if valid}
        return [each for each in grown if index_name(each, embedder) not in usable]

    @override
    async def build(self, embedder: str, workspace_id: WorkspaceId) -> None:
        name = index_name(workspace_id, embedder)
        if not (await names(self._database)).get(name, True):
            await self._database.maintain(f"drop index concurrently if exists {name}")
        await self._database.maintain(
            f"create index concurrently if not exists {name} on embeddings "
            f"using hnsw (vector halfvec_cosine_ops) where {_condition(workspace_id, embedder)}"
        )

    @override
    async def remove_unused(self, embedder: str) -> int:
        grown: list[WorkspaceId] = await self._database.all(_GROWN, embedder=embedder, least=self._least // 2)
        used = {index_name(each, embedder) for each in grown}
        unused = [name for name in await names(self._database) if _NAME.fullmatch(name) and name not in used]
        for name in unused:
            await self._database.maintain(f"drop index concurrently if exists {name}")
        return len(unused)


def _condition(workspace_id: UUID, embedder: str, row: str = "") -> str:
    literal = embedder.replace("'", "''")
    return f"{row}workspace_id = '{workspace_id}' and {row}embedder = '{literal}'"
