from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Text, and_, bindparam, cast, delete, exists, func, insert, or_, select, update
from typing_extensions import override

from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Database, Queries, Statement, constant, only
from adapters.postgres.tables import blobs, workspaces
from application.ports.blobs import BlobLog, Blobs, BlobViews
from domain.blobs import Blob, BlobStatus, Quota, UploadExpired
from domain.errors import NotFound
from domain.ids import BlobId, WorkspaceId

_t = blobs.c
_BLOBS = Mapped(Blob, blobs)
_writing, _kept, _removed = (_t.status == constant(status) for status in BlobStatus)
_by_id = _t.id == bindparam("key")
_of_workspace = _t.workspace_id == bindparam("of_workspace")
_end = update(blobs).values(status=BlobStatus.REMOVED)

_LOCK = Command(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text()), 0))))
_USED = Statement(
    select(cast(func.coalesce(func.sum(_t.size), 0), BigInteger()).label("used")).where(_of_workspace, _kept), only
)
_KEEP = Command(
    update(blobs).where(_by_id, _writing).values(status=BlobStatus.KEPT),
    columns=["workspace_id", "digest", "size", "media_type", "created_at"],
)
_GET = Statement(_BLOBS.select().where(_by_id, _kept), _BLOBS.make)
_REMOVE = Command(_end.where(_by_id, _kept))
_REMOVE_ALL = Command(_end.where(_of_workspace, _kept))

_BEGIN = Command(insert(blobs).values(status=BlobStatus.WRITING), columns=["id", "workspace_id", "created_at"])
_ABANDON = Command(_end.where(_by_id, _writing))
_gone = ~exists().where(workspaces.c.id == _t.workspace_id)
_EXPIRE = Command(_end.where(or_(and_(_writing, _t.created_at < bindparam("before")), and_(_kept, _gone))))
_DUE = Statement(select(_t.id).where(_removed).order_by(_t.created_at).limit(bindparam("most")), only)
_FORGET = Command(delete(blobs).where(_by_id, _removed))


class PostgresBlobs(Blobs):
    """Blobs, as rows."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @override
    async def add(self, blob: Blob, quota: Quota) -> None:
        if quota.most is not None:
            await self._queries.run(_LOCK, name=f"blobs {blob.workspace_id}")
            # A statement of its own, as one sees what was committed when it began, not when it got a lock.
            quota.check(await self._queries.one(_USED, of_workspace=blob.workspace_id) or 0, blob.size)
        values = _BLOBS.values(blob)
        if not await self._queries.run(_KEEP, key=values.pop("id"), **values):
            raise UploadExpired

    @override
    async def get(self, blob_id: BlobId) -> Blob:
        blob = await self._queries.one(_GET, key=blob_id)
        if blob is None:
            raise NotFound
        return blob

    @override
    async def remove(self, blob_id: BlobId) -> None:
        await self._queries.run(_REMOVE, key=blob_id)

    @override
    async def remove_all(self, workspace_id: WorkspaceId) -> None:
        await self._queries.run(_REMOVE_ALL, of_workspace=workspace_id)


class PostgresBlobLog(BlobLog):
    """The rows of blobs in all their states."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def begin(self, blob_id: BlobId, workspace_id: WorkspaceId, at: datetime) -> None:
        await self._database.run(_BEGIN, id=blob_id, workspace_id=workspace_id, created_at=at)

    @override
    async def abandon(self, blob_id: BlobId) -> None:
        await self._database.run(_ABANDON, key=blob_id)

    @override
    async def expire(self, before: datetime) -> int:
        return await self._database.run(_EXPIRE, before=before)

    @override
    async def due(self, limit: int) -> Sequence[BlobId]:
        return await self._database.all(_DUE, most=limit)

    @override
    async def forget(self, blob_id: BlobId) -> None:
        await self._database.run(_FORGET, key=blob_id)


class PostgresBlobViews(BlobViews):
    """Blobs, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def blob(self, blob_id: BlobId) -> Blob | None:
        return await self._database.one(_GET, key=blob_id)

    @override
    async def used(self, workspace_id: WorkspaceId) -> int:
        return await self._database.one(_USED, of_workspace=workspace_id) or 0
