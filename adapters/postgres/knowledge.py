import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import accumulate
from typing import Any

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    delete,
    select,
    text,
    update,
)
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.makers import Maker
from adapters.postgres.statements import Command, Queries, Statement
from adapters.postgres.tables import passages
from adapters.postgres.words import WordColumns
from application.ports.knowledge import Passages
from application.ports.stemmer import Stemmer
from domain.ids import WorkspaceId
from domain.knowledge import Passage, Source, Standing
from domain.knowledge.matching import Indexed
from domain.knowledge.terms import terms

COLUMNS = tuple(
    passages.c[name]
    for name in ("id", "workspace_id", "kind", "source_id", "position", "heading", "text", "start", "end")
)
"""What `passage` wants."""
_PLACED = ("id", "workspace_id", "position", "heading", "text", "start", "end")
PASSAGE = Maker(
    Passage, {**{name: name for name in _PLACED}, "source": Maker(Source, {"kind": "kind", "id": "source_id"})}
)
"""Makes a passage of `COLUMNS`."""

_OF_SOURCE = (passages.c.kind == bindparam("of_kind")) & (passages.c.source_id == bindparam("of_source"))
_OF = Statement(select(*COLUMNS).where(_OF_SOURCE).order_by(passages.c.position), PASSAGE)
_REMOVE = Command(delete(passages).where(_OF_SOURCE))
_RESTAND = Command(update(passages).where(_OF_SOURCE), columns=["owner_id", "reader_id", "tier", "at", "expires_at"])

# Rows that stay as they are are not written, so that an edit costs what it changes. Arrays of arrays cannot be ragged:
# the keys and counts of all passages come in a row, which a subquery reads once, and each says where its own end.
_REPLACE = Command(
    text(
        """
        with given as materialized (
          select * from unnest(
            cast(:ids as uuid[]), cast(:positions as integer[]), cast(:headings as text[]), cast(:texts as text[]),
            cast(:starts as integer[]), cast(:ends as integer[]), cast(:lengths as integer[]),
            cast(:sequences as bytea[]), cast(:firsts as integer[]), cast(:lasts as integer[])
          ) as g (id, position, heading, text, start, "end", length, sequence, first, last)
        ), gone as (
          delete from passages where kind = :kind and source_id = :source_id and id <> all (cast(:ids as uuid[]))
        ), changed as (
          select p.id from passages as p join given as g on g.id = p.id
          where (p.heading, p.text) is distinct from (g.heading, g.text)
        ), forgotten as (
          update embeddings set embedder = null, vector = null from changed where passage_id = changed.id
        ), written as (
          insert into passages as p (
            id, workspace_id, kind, source_id, position, heading, text, start, "end", owner_id, reader_id, tier, at,
            expires_at, language, length, keys, counts, sequence
          )
          select id, :workspace_id, :kind, :source_id, position, heading, text, start, "end", :owner_id, :reader_id,
            :tier, :at, :expires_at, :language, length, (select cast(:keys as bigint[]))[first:last],
            (select cast(:counts as smallint[]))[first:last], sequence
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
        """
    ).bindparams(
        *(bindparam(name, type_=Uuid()) for name in ("workspace_id", "source_id", "owner_id", "reader_id")),
        *(bindparam(name, type_=passages.c[name].type) for name in ("kind", "tier", "language")),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("at", "expires_at")),
        bindparam("ids", type_=ARRAY(Uuid())),
        *(bindparam(name, type_=ARRAY(Text())) for name in ("headings", "texts")),
        *(
            bindparam(name, type_=ARRAY(Integer()))
            for name in ("positions", "starts", "ends", "lengths", "firsts", "lasts")
        ),
        *(bindparam(name, type_=Text()) for name in ("keys", "counts")),
        bindparam("sequences", type_=ARRAY(LargeBinary())),
    )
)

_ADD_ALL = Command(
    text(
        """
        with written as (
          insert into passages (
            id, workspace_id, kind, source_id, position, heading, text, start, "end", owner_id, reader_id, tier, at,
            expires_at, language, length, keys, counts, sequence
          )
          select id, :workspace_id, kind, source_id, position, heading, text, start, "end", owner_id, reader_id, tier,
            at, expires_at, :language, length, (select cast(:keys as bigint[]))[first:last],
            (select cast(:counts as smallint[]))[first:last], sequence
          from unnest(
            cast(:ids as uuid[]), cast(:positions as integer[]), cast(:headings as text[]), cast(:texts as text[]),
            cast(:starts as integer[]), cast(:ends as integer[]), cast(:lengths as integer[]),
            cast(:sequences as bytea[]), cast(:firsts as integer[]), cast(:lasts as integer[]), cast(:kinds as text[]),
            cast(:sources as uuid[]), cast(:owners as uuid[]), cast(:readers as uuid[]), cast(:tiers as text[]),
            cast(:ats as timestamptz[]), cast(:ends_at as timestamptz[])
          ) as g (
            id, position, heading, text, start, "end", length, sequence, first, last, kind, source_id, owner_id,
            reader_id, tier, at, expires_at
          )
          returning id
        )
        insert into embeddings (passage_id, workspace_id) select id, :workspace_id from written
        """
    ).bindparams(
        bindparam("workspace_id", type_=Uuid()),
        bindparam("language", type_=Text()),
        *(bindparam(name, type_=ARRAY(Uuid())) for name in ("ids", "sources", "owners", "readers")),
        *(bindparam(name, type_=ARRAY(Text())) for name in ("headings", "texts", "kinds", "tiers")),
        *(
            bindparam(name, type_=ARRAY(Integer()))
            for name in ("positions", "starts", "ends", "lengths", "firsts", "lasts")
        ),
        *(bindparam(name, type_=ARRAY(DateTime(timezone=True))) for name in ("ats", "ends_at")),
        *(bindparam(name, type_=Text()) for name in ("keys", "counts")),
        bindparam("sequences", type_=ARRAY(LargeBinary())),
    )
)


class PostgresPassages(Passages):
    """Passages, as rows with their words."""

    def __init__(self, queries: Queries, changes: Changes, stemmer: Stemmer) -> None:
        self._queries = queries
        self._changes = changes
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
        # In a thread: a megabyte of text would hold everybody up.
        given = await asyncio.to_thread(self._columns, workspace_id, passages, language)
        place = {"workspace_id": workspace_id, "kind": source.kind, "source_id": source.id, "language": language}
        await self._queries.run(_REPLACE, **place, **_standing(standing), **given)
        self._changes.explain(None)

    @override
    async def add_all(
        self, workspace_id: WorkspaceId, found: Sequence[tuple[Sequence[Passage], Standing]], language: str
    ) -> None:
        each = [(passage, standing) for passages, standing in found for passage in passages]
        if not each:
            return
        given = await asyncio.to_thread(self._columns, workspace_id, [passage for passage, _ in each], language)
        await self._queries.run(
            _ADD_ALL,
            workspace_id=workspace_id,
            language=language,
            kinds=[passage.source.kind for passage, _ in each],
            sources=[passage.source.id for passage, _ in each],
            owners=[standing.owner_id for _, standing in each],
            readers=[standing.reader_id for _, standing in each],
            tiers=[standing.tier for _, standing in each],
            ats=[standing.at for _, standing in each],
            ends_at=[standing.expires_at for _, standing in each],
            **given,
        )
        self._changes.explain(None)

    @override
    async def restand(self, source: Source, standing: Standing) -> None:
        await self._queries.run(_RESTAND, of_kind=source.kind, of_source=source.id, **_standing(standing))
        self._changes.explain(None)

    @override
    async def remove(self, source: Source) -> None:
        await self._queries.run(_REMOVE, of_kind=source.kind, of_source=source.id)
        self._changes.explain(None)

    def _columns(self, workspace_id: WorkspaceId, passages: Sequence[Passage], language: str) -> dict[str, Any]:
        stems = self._stemmer.stems
        found = [WordColumns.of(workspace_id, Indexed.of(terms(each.words, language, stems))) for each in passages]
        lasts = list(accumulate(len(each.keys) for each in found))
        return {
            "ids": [passage.id for passage in passages],
            "positions": [passage.position for passage in passages],
            "headings": [passage.heading for passage in passages],
            "texts": [passage.text for passage in passages],
            "starts": [passage.start for passage in passages],
            "ends": [passage.end for passage in passages],
            "lengths": [each.length for each in found],
            "sequences": [each.sequence for each in found],
            "firsts": [last - len(each.keys) + 1 for last, each in zip(lasts, found, strict=True)],
            "lasts": lasts,
            "keys": _array(key for each in found for key in each.keys),
            "counts": _array(count for each in found for count in each.counts),
        }


def _array(numbers: Iterable[int]) -> str:
    """As PostgreSQL reads it: psycopg would write out so many numbers where everybody waits."""
    return f"{{{','.join(map(str, numbers))}}}"


def _standing(standing: Standing) -> dict[str, Any]:
    return {field.name: getattr(standing, field.name) for field in fields(Standing)}
