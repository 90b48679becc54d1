import asyncio
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ARRAY, Double, Integer, Text, Uuid, bindparam, delete, select, text
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.statements import Command, Database, Queries, Statement
from adapters.postgres.tables import passages
from application.ports.knowledge import FoundPassage, Passages, PassageSearch
from domain.ids import WorkspaceId
from domain.knowledge import Passage
from domain.words import SNOWBALL, STOP_WORDS, primary, words

# The name of a text search configuration becomes the configuration, if this server has it, else `simple`, which stems
# nothing. Both for what is indexed and what is asked, since the two must agree.
_CONFIGURATION = """coalesce(
  (select oid from pg_ts_config where cfgname = :configuration and cfgnamespace = 'pg_catalog'::regnamespace),
  'pg_catalog.simple'::regconfig::oid
)::regconfig"""


def _found(*, score: float, **columns: Any) -> FoundPassage:
    return FoundPassage(passage=Passage(**columns), score=score)


_REMOVE = Command(
    delete(passages).where(
        passages.c.workspace_id == bindparam("of_workspace"), passages.c.source == bindparam("of_source")
    )
)
_ADD = Command(
    text(
        f"""
        insert into passages
          (id, workspace_id, source, position, heading, text, start, "end", language, lexemes, length)
        select p.id, :workspace_id, :source, p.position, p.heading, p.text, p.start, p."end", :language, p.lexemes,
          (select coalesce(sum(cardinality(word.positions)), 0) from unnest(p.lexemes) as word)
        from (
          select given.*, to_tsvector({_CONFIGURATION}, given.words) as lexemes
          from unnest(:ids, :positions, :headings, :texts, :starts, :ends, :words)
            as given (id, position, heading, text, start, "end", words)
        ) as p
        """  # noqa: S608 (the configuration is the text above)
    ).bindparams(
        bindparam("workspace_id", type_=Uuid()),
        bindparam("source", type_=Text()),
        bindparam("language", type_=Text()),
        bindparam("configuration", type_=Text()),
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("positions", type_=ARRAY(Integer())),
        bindparam("headings", type_=ARRAY(Text())),
        bindparam("texts", type_=ARRAY(Text())),
        bindparam("starts", type_=ARRAY(Integer())),
        bindparam("ends", type_=ARRAY(Integer())),
        bindparam("words", type_=ARRAY(Text())),
    )
)

# BM25 as in domain/ranking.py. The passages that hold a word of the query are found by index, and only their words are
# unpacked: of a word, the number of passages that hold it is the same among them as among all.
_SEARCH = Statement(
    text(
        f"""
        with
        query as materialized (select to_tsvector({_CONFIGURATION}, :words) as lexemes),
        wanted as materialized (
          select array_agg(word.lexeme) as words, string_agg(quote_literal(word.lexeme), ' | ')::tsquery as any_of
          from query, unnest(query.lexemes) as word
        ),
        corpus as materialized (
          select count(*)::float8 as size, coalesce(nullif(avg(length), 0), 1)::float8 as mean from passages
          where workspace_id = :workspace_id
        ),
        held as materialized (
          select passages.id, passages.length, word.lexeme, cardinality(word.positions) as times
          from wanted, passages, unnest(passages.lexemes) as word
          where passages.workspace_id = :workspace_id and passages.lexemes @@ wanted.any_of
            and word.lexeme = any (wanted.words)
        ),
        weights as (
          select held.lexeme, ln(1 + (corpus.size - count(*) + 0.5) / (count(*) + 0.5)) as weight
          from held, corpus group by held.lexeme, corpus.size
        ),
        scores as (
          select held.id, sum(
            weights.weight * held.times * (1.2 + 1) / (held.times + 1.2 * (1 - 0.75 + 0.75 * held.length / corpus.mean))
            order by held.lexeme
          ) as score
          from corpus, held join weights using (lexeme) group by held.id
        )
        select p.id, p.workspace_id, p.source, p.position, p.heading, p.text, p.start, p."end", scores.score
        from scores join passages as p using (id)
        order by scores.score desc, p.source collate "C", p.position limit :most
        """  # noqa: S608 (the configuration is the text above)
    )
    .bindparams(
        bindparam("workspace_id", type_=Uuid()),
        bindparam("configuration", type_=Text()),
        bindparam("words", type_=Text()),
        bindparam("most", type_=Integer()),
    )
    .columns(
        *(passages.c[name] for name in ("id", "workspace_id", "source", "position", "heading", "text", "start", "end")),
        score=Double(),
    ),
    _found,
)


_LEADING = Statement(
    select(*(passages.c[field.name] for field in fields(Passage)))
    .where(passages.c.workspace_id == bindparam("workspace_id"))
    .order_by(passages.c.source.collate("C"), passages.c.position)
    .limit(bindparam("most", type_=Integer())),
    Passage,
)


class PostgresPassages(Passages):
    """Passages, as rows with their lexemes."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def replace(self, workspace_id: WorkspaceId, source: str, passages: Sequence[Passage], language: str) -> None:
        # In a thread: a megabyte of text would hold everybody up.
        given = await asyncio.to_thread(_columns, passages, language) if passages else None
        await self._queries.run(_REMOVE, of_workspace=workspace_id, of_source=source)
        if given is not None:
            await self._queries.run(_ADD, workspace_id=workspace_id, source=source, **given)
        self._changes.explain(None)


class PostgresPassageSearch(PassageSearch):
    """Ranks by BM25 over the lexemes of a passage and its heading, in one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def search(
        self, workspace_id: WorkspaceId, query: str, *, language: str, limit: int
    ) -> Sequence[FoundPassage]:
        return await self._database.all(
            _SEARCH,
            workspace_id=workspace_id,
            configuration=_configuration(language),
            words=_words(query, language),
            most=limit,
        )

    @override
    async def leading(self, workspace_id: WorkspaceId, *, limit: int) -> Sequence[Passage]:
        return await self._database.all(_LEADING, workspace_id=workspace_id, most=limit)


def _columns(passages: Sequence[Passage], language: str) -> dict[str, Any]:
    return {
        "language": language,
        "configuration": _configuration(language),
        "ids": [passage.id for passage in passages],
        "positions": [passage.position for passage in passages],
        "headings": [passage.heading for passage in passages],
        "texts": [passage.text for passage in passages],
        "starts": [passage.start for passage in passages],
        "ends": [passage.end for passage in passages],
        "words": [_words(f"{passage.heading}\n{passage.text}", language) for passage in passages],
    }


def _configuration(language: str) -> str:
    return SNOWBALL.get(primary(language), "simple")


def _words(text: str, language: str) -> str:
    """The words that count, with spaces between, so that PostgreSQL's parser finds no addresses or paths in them."""
    stop = STOP_WORDS.get(primary(language), frozenset[str]())
    return " ".join(word for word in words(text) if word not in stop)
