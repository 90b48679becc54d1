"""Passages as contracts store them and look for them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from application.ports.passage_search import PassageSearch
from domain.ids import PassageId, WorkspaceId, new_id
from domain.knowledge import Filters, Passage, Source, SourceKind, Standing
from tests.contracts.examples import Tenant, later
from tests.contracts.stores import Stores

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
STANDING = Standing(at=AT)
DAY = timedelta(days=1)


def new_workspace_id() -> WorkspaceId:
    return WorkspaceId(new_id(AT))


def a_source(kind: SourceKind = SourceKind.DOCUMENT) -> Source:
    return Source(kind, uuid4())


def passages(workspace_id: WorkspaceId, *texts: str, source: Source | None = None, heading: str = "") -> list[Passage]:
    """A passage for each of `texts`, in order."""
    of = source or a_source()
    return [
        Passage(
            id=PassageId(new_id(AT)),
            workspace_id=workspace_id,
            source=of,
            position=position,
            heading=heading,
            text=text,
            start=0,
            end=len(text),
        )
        for position, text in enumerate(texts)
    ]


def everything(workspace_id: WorkspaceId, *, at: datetime = AT, **filters: Any) -> Filters:
    """All that every member of the workspace may see."""
    return Filters(workspace_id=workspace_id, at=at, **filters)


async def texts_found(
    search: PassageSearch, query: str, filters: Filters, *, language: str = "en", limit: int = 10
) -> list[str]:
    """The texts of what a lexical search finds, in its order."""
    ranked = await search.lexical(query, language, filters, limit)
    found = {each.passage.id: each.passage.text for each in await search.found([hit.passage_id for hit in ranked])}
    return [found[hit.passage_id] for hit in ranked]


async def put(
    stores: Stores, tenant: Tenant, source: Source, pieces: Sequence[Passage], standing: Standing = STANDING
) -> None:
    """All passages of `source` are these."""
    async with stores.begin() as work:
        await work.passages.replace(tenant.id, source, pieces, standing, "en")
        work.record(tenant.edited(later(stores)))
        await work.commit(None)
