import asyncio
from collections.abc import Sequence

from sqlalchemy import Integer, Text, Uuid, bindparam, text
from typing_extensions import override

from adapters.postgres.embeddings import SAID
from adapters.postgres.passage_arrays import COUNTS, KEYS, WORDS, Columns, binds, unnested, words
from adapters.postgres.statements import Command, Database, Statement
from adapters.postgres.types import choice
from adapters.postgres.words import shelf
from application.ports.passage_languages import PassageLanguages, StalePassage
from application.ports.stemmer import Stemmer
from domain.ids import WorkspaceId
from domain.knowledge import SourceKind

_IS_STALE = """p.language <> w.language and not (p.kind = 'document' and exists (
  select from documents as d where d.id = p.source_id and d.language is not null))"""
# In no order, so that the first that are found will do: what was put lies behind them.
_STALE = Statement(
    text(
        f"""
        select p.id as passage_id, p.kind, {SAID} as words, w.language
        from workspaces as w join passages as p on p.workspace_id = w.id
        where w.id = :workspace_id and {_IS_STALE} limit :most
        """  # noqa: S608 (a constant)
    )
    .bindparams(bindparam("workspace_id", type_=Uuid()), bindparam("most", type_=Integer()))
    .columns(passage_id=Uuid(), kind=choice(SourceKind), words=Text(), language=Text()),
    StalePassage,
)

# A row that somebody changes or removes at this moment is left as it is, as `PostgresEmbeddings` does, and why.
_GIVEN: Columns = {"id": Uuid(), "said": Text(), "language": Text(), **WORDS}
_PUT = Command(
    text(
        f"""
        with given as materialized (
          select * from {unnested(_GIVEN)}
        ), free as materialized (
          select p.id from given
          join passages as p on p.id = given.id and {SAID} = given.said
          join workspaces as w on w.id = p.workspace_id and w.language = given.language
          where w.id = :workspace_id and {_IS_STALE} for no key update of p skip locked
        )
        update passages as p set language = given.language, length = given.length, keys = {KEYS}, counts = {COUNTS},
          sequence = given.sequence
        from given join free on free.id = given.id
        where p.id = given.id
        """  # noqa: S608 (constants)
    ).bindparams(*binds(_GIVEN), bindparam("workspace_id", type_=Uuid()))
)


class PostgresPassageLanguages(PassageLanguages):
    """The languages in the rows of passages, whose words change with them."""

    def __init__(self, database: Database, stemmer: Stemmer) -> None:
        self._database = database
        self._stemmer = stemmer

    @override
    async def stale(self, workspace_id: WorkspaceId, limit: int) -> Sequence[StalePassage]:
        return await self._database.all(_STALE, workspace_id=workspace_id, most=limit)

    @override
    async def put(self, workspace_id: WorkspaceId, passages: Sequence[StalePassage]) -> int:
        said = [(shelf(workspace_id, each.kind), each.words, each.language) for each in passages]
        # In a thread: a megabyte of text would hold everybody up.
        given = await asyncio.to_thread(words, said, self._stemmer.stems)
        return await self._database.run(
            _PUT,
            workspace_id=workspace_id,
            ids=[each.passage_id for each in passages],
            saids=[each.words for each in passages],
            languages=[each.language for each in passages],
            **given,
        )
