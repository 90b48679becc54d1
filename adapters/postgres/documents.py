from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Text, bindparam, delete, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import insert
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Database, Queries, Statement, constant
from adapters.postgres.tables import documents
from application.ports.documents import DocumentFilters, Documents, DocumentView, DocumentViews
from domain.activity import Event
from domain.errors import EditConflict, NotFound
from domain.ids import DocumentId, WorkspaceId
from domain.knowledge import OWN_SCHEMES, Document, DocumentStatus
from domain.pages import Page

_t = documents.c
_DOCUMENTS = Mapped(Document, documents)
_ADD = _DOCUMENTS.inserting()
_GET = _DOCUMENTS.by_id()
_LOCK = _DOCUMENTS.by_id(lock=True)
_SAVE = _DOCUMENTS.replacing_version()
_REMOVE = _DOCUMENTS.removing_version()
_from_source = _DOCUMENTS.select().where(
    _t.workspace_id == bindparam("of_workspace"), _t.source_uri == bindparam("from_source")
)
_OF_SOURCE = Statement(_from_source, _DOCUMENTS.make)
_LOCK_OF_SOURCE = Statement(_from_source.with_for_update(key_share=True), _DOCUMENTS.make)
_OF_DIGEST = Statement(
    _DOCUMENTS.select()
    .where(
        _t.workspace_id == bindparam("of_workspace"),
        _t.digest == bindparam("with_digest"),
        _t.status != constant(DocumentStatus.FAILED),
        or_(*(func.starts_with(_t.source_uri, literal_column(f"'{scheme}'")) for scheme in OWN_SCHEMES)),
    )
    .order_by(_t.created_at, _t.id)
    .limit(1),
    _DOCUMENTS.make,
)
# The order of locks is: documents, jobs, workspace; whoever edits the knowledge base has its workspace first.
_LOCK_ALL = Command(
    select(_t.id)
    .where(_t.workspace_id == bindparam("of_workspace"), _t.id != _t.workspace_id)
    .order_by(_t.id)
    .with_for_update(key_share=True)
)
_new = insert(documents)
_KEEP_KNOWLEDGE_BASE = Command(
    _new.on_conflict_do_update(
        index_elements=[_t.id],
        set_={
            **{name: _new.excluded[name] for name in ("digest", "size", "language", "updated_at")},
            "version": _t.version + 1,
        },
    ),
    columns=[column.name for column in _DOCUMENTS.columns],
)
_FORGET_KNOWLEDGE_BASE = Command(delete(documents).where(_t.id == bindparam("key")))


class PostgresDocuments(Documents):
    """Documents, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, document: Document, because: Event) -> None:
        await self._queries.run(_ADD, **_DOCUMENTS.values(document))
        self._changes.explain(because)

    @override
    async def get(self, document_id: DocumentId) -> Document:
        return _found(await self._queries.one(_GET, id=document_id))

    @override
    async def lock(self, document_id: DocumentId) -> Document:
        return _found(await self._queries.one(_LOCK, id=document_id))

    @override
    async def of_source(self, workspace_id: WorkspaceId, source_uri: str) -> Document | None:
        return await self._queries.one(_LOCK_OF_SOURCE, of_workspace=workspace_id, from_source=source_uri)

    @override
    async def lock_all(self, workspace_id: WorkspaceId) -> None:
        await self._queries.run(_LOCK_ALL, of_workspace=workspace_id)

    @override
    async def save(self, document: Document, because: Event | None = None) -> Document:
        changes = _DOCUMENTS.changes(document)
        if not await self._queries.run(_SAVE, key=document.id, expected=document.version, **changes):
            raise EditConflict
        if because is not None:
            self._changes.explain(because)
        return replace(document, version=document.version + 1)

    @override
    async def remove(self, document: Document, because: Event) -> None:
        if not await self._queries.run(_REMOVE, key=document.id, expected=document.version):
            raise EditConflict
        self._changes.explain(because)

    @override
    async def keep_knowledge_base(self, workspace_id: WorkspaceId, document: Document | None) -> None:
        if document is None:
            await self._queries.run(_FORGET_KNOWLEDGE_BASE, key=workspace_id)
        else:
            await self._queries.run(_KEEP_KNOWLEDGE_BASE, **_DOCUMENTS.values(document))


def _view(**columns: Any) -> DocumentView:
    return DocumentView.of(_DOCUMENTS.make(**columns))


@cache
def _listing(*, by_status: bool, by_kind: bool, by_words: bool, behind: bool) -> Statement[DocumentView]:
    construct = _DOCUMENTS.select().where(_t.workspace_id == bindparam("of_workspace"))
    if by_status:
        construct = construct.where(_t.status == bindparam("wanted_status"))
    if by_kind:
        construct = construct.where(_t.kind == bindparam("wanted_kind"))
    if by_words:
        wanted = func.lower(bindparam("words", type_=Text()))
        held = (func.strpos(func.lower(column), wanted) > 0 for column in (_t.title, _t.source_uri))
        construct = construct.where(or_(*held))
    return Statement(newest_first(construct, documents, behind=behind), _view)


class PostgresDocumentViews(DocumentViews):
    """Documents, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def documents(
        self, workspace_id: WorkspaceId, filters: DocumentFilters, cursor: str | None, limit: int
    ) -> Page[DocumentView]:
        given = {"wanted_status": filters.status, "wanted_kind": filters.kind, "words": filters.q}
        listing = _listing(
            by_status=filters.status is not None,
            by_kind=filters.kind is not None,
            by_words=filters.q is not None,
            behind=cursor is not None,
        )
        values = {name: value for name, value in given.items() if value is not None}
        found = await self._database.all(listing, of_workspace=workspace_id, **values, **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def document(self, document_id: DocumentId) -> Document | None:
        return await self._database.one(_GET, id=document_id)

    @override
    async def of_source(self, workspace_id: WorkspaceId, source_uri: str) -> Document | None:
        return await self._database.one(_OF_SOURCE, of_workspace=workspace_id, from_source=source_uri)

    @override
    async def of_digest(self, workspace_id: WorkspaceId, digest: bytes) -> Document | None:
        return await self._database.one(_OF_DIGEST, of_workspace=workspace_id, with_digest=digest)


def _found(document: Document | None) -> Document:
    if document is None:
        raise NotFound
    return document
