import asyncio
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import DateTime, Text, Uuid, bindparam, delete, select, text, update
from typing_extensions import override

from adapters.postgres.makers import Maker
from adapters.postgres.passage_arrays import COUNTS, KEYS, PIECES, WORDS, Columns, binds, pieces, unnested, words
from adapters.postgres.statements import Command, Queries, Statement
from adapters.postgres.tables import passages
from adapters.postgres.words import shelf
from application.ports.passages import Passages
from application.ports.stemmer import Stemmer
from domain.ids import WorkspaceId
from domain.knowledge import Passage, Source, Standing

COLUMNS = tuple(
    passages.c[name]
    for name in ("id", "workspace_id", "kind", "source_id", "position", "heading", "text", "start", "end")
)
"""What `passage` wants."""
_ROW = """id, workspace_id, kind, source_id, position, heading, text, start, "end", owner_id, reader_id, tier, at,
  expires_at, language, length, keys, counts, sequence"""
_PLACED = ("id", "workspace_id", "position", "heading", "text", "start", "end")
PASSAGE = Maker(
    Passage, {**{name: name for name in _PLACED}, "source": Maker(Source, {"kind": "kind", "id": "source_id"})}
)
"""Makes a passage of `COLUMNS`."""

_OF_SOURCE = (passages.c.kind == bindparam("of_kind")) & (passages.c.source_id == bindparam("of_source"))
_OF = Statement(select(*COLUMNS).where(_OF_SOURCE).order_by(passages.c.position), PASSAGE)
_REMOVE = Command(delete(passages).where(_OF_SOURCE))
_RESTAND = Command(update(passages).where(_OF_SOURCE), columns=["owner_id", "reader_id", "tier", "at", "expires_at"])

# Rows that stay as they are are not written, so that an edit costs what it changes.
_GIVEN: Columns = {**PIECES, **WORDS}
_REPLACE = Command(
    text(
        f"""
        with given as materialized (
          select * from {unnested(_GIVEN)}
        ), gone as (
          delete from passages where kind = :kind and source_id = :source_id and id <> all (cast(:ids as uuid[]))
        ), changed as (
          select p.id from passages as p join given as g on g.id = p.id
          where (p.heading, p.text) is distinct from (g.heading, g.text)
        ), forgotten as (
          update embeddings set embedder = null, vector = null from changed where passage_id = changed.id
        ), written as (
          insert into passages as p ({_ROW})
          select id, :workspace_id, :kind, :source_id, position, heading, text, start, "end", :owner_id, :reader_id,
            :tier, :at, :expires_at, :language, length, {KEYS}, {COUNTS}, sequence
          from given
          on conflict (id) do update set
            position = excluded.position, heading = excluded.heading, text = excluded.text, start = excluded.start,
            "end" = excluded."end", owner_id = excluded.owner_id, reader_id = excluded.reader_id,
            tier = excluded.tier, at = excluded.at, expires_at = excluded.expires_at, language = excluded.language,
            length = excluded.length, keys = excluded.keys, counts = excluded.counts, sequence = excluded.sequence
          where p.kind = excluded.kind and p.source_id = excluded.source_id and (
            p.position, p.heading, p.text, p.start, p."end", p.owner_id, p.reader_id, p.tier, p.at, p.expires_at,
            p.language
          ) is distinct from (
            excluded.position, excluded.heading, excluded.text, excluded.start, excluded."end", excluded.owner_id,
            excluded.reader_id, excluded.tier, excluded.at, excluded.expires_at, excluded.language
          )
          returning p.id
        )
        insert into embeddings (passage_id, workspace_id) select id, :workspace_id from written
        on conflict (passage_id) do nothing
        """  # noqa: S608 (constants)
    ).bindparams(
        *binds(_GIVEN),
        *(bindparam(name, type_=Uuid()) for name in ("workspace_id", "source_id", "owner_id", "reader_id")),
        *(bindparam(name, type_=passages.c[name].type) for name in ("kind", "tier", "language")),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("at", "expires_at")),
    )
)

_PLACES: Columns = {
    "kind": Text(),
    "source_id": Uuid(),
    "owner_id": Uuid(),
    "reader_id": Uuid(),
    "tier": Text(),
    "at": DateTime(timezone=True),
    "expires_at": DateTime(timezone=True),
}
_ADDED: Columns = {**_GIVEN, **_PLACES}
_ADD_ALL = Command(
    text(
        f"""
        with written as (
          insert into passages ({_ROW})
          select id, :workspace_id, kind, source_id, position, heading, text, start, "end", owner_id, reader_id, tier,
            at, expires_at, :language, length, {KEYS}, {COUNTS}, sequence
          from {unnested(_ADDED)}
          returning id
        )
        insert into embeddings (passage_id, workspace_id) select id, :workspace_id from written
        """  # noqa: S608 (constants)
    ).bindparams(
        *binds(_ADDED),
        bindparam("workspace_id", type_=Uuid()),
        bindparam("language", type_=Text()),
    )
)


class PostgresPassages(Passages):
    """Passages, as rows with their words."""

    def __init__(self, queries: Queries, stemmer: Stemmer) -> None:
        self._queries = queries
        self._stemmer = stemmer

    @override
    async def of(self, source: Source) -> Sequence[Passage]:
        return await self._queries.all(_OF, of_kind=source.kind, of_source=source.id)

    @override
    async def replace(
        self, workspace_id: WorkspaceId, source: Source, passages: Sequence[Passage], standing: Standing, language: str
    ) -> None:
        if not passages:
            await self.remove(source)
            return
        given = await self._given(workspace_id, passages, language)
        place = {"workspace_id": workspace_id, "kind": source.kind, "source_id": source.id, "language": language}
        await self._queries.run(_REPLACE, **place, **_standing(standing), **given)

    @override
    async def add_all(
        self, workspace_id: WorkspaceId, found: Sequence[tuple[Sequence[Passage], Standing]], language: str
    ) -> None:
        each = [(passage, standing) for passages, standing in found for passage in passages]
        if not each:
            return
        given = await self._given(workspace_id, [passage for passage, _ in each], language)
        await self._queries.run(
            _ADD_ALL,
            workspace_id=workspace_id,
            language=language,
            kinds=[passage.source.kind for passage, _ in each],
            source_ids=[passage.source.id for passage, _ in each],
            owner_ids=[standing.owner_id for _, standing in each],
            reader_ids=[standing.reader_id for _, standing in each],
            tiers=[standing.tier for _, standing in each],
            ats=[standing.at for _, standing in each],
            expires_ats=[standing.expires_at for _, standing in each],
            **given,
        )

    @override
    async def restand(self, source: Source, standing: Standing) -> None:
        await self._queries.run(_RESTAND, of_kind=source.kind, of_source=source.id, **_standing(standing))

    @override
    async def remove(self, source: Source) -> None:
        await self._queries.run(_REMOVE, of_kind=source.kind, of_source=source.id)

    async def _given(self, workspace_id: WorkspaceId, passages: Sequence[Passage], language: str) -> dict[str, Any]:
        said = [(shelf(workspace_id, passage.source.kind), passage.words, language) for passage in passages]
        # In a thread: a megabyte of text would hold everybody up.
        return pieces(passages) | await asyncio.to_thread(words, said, self._stemmer.stems)


def _standing(standing: Standing) -> dict[str, Any]:
    return {field.name: getattr(standing, field.name) for field in fields(Standing)}
