from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from adapters.memory.store import BlobRow, MemoryStore
from adapters.memory.table import Transaction
from application.ports.blobs import BlobLog, Blobs, BlobViews
from domain.blobs import Blob, BlobStatus, Quota, UploadExpired
from domain.errors import Conflict, NotFound
from domain.ids import BlobId, WorkspaceId


class MemoryBlobs(Blobs):
    """Blobs within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._blobs = store.blobs
        self._transaction = transaction

    @override
    async def add(self, blob: Blob, quota: Quota) -> None:
        await self._transaction.lock("blobs of", blob.workspace_id)
        quota.check(_used(self._transaction.all(self._blobs), blob.workspace_id), blob.size)
        row = await self._transaction.locked(self._blobs, blob.id)
        if row is None or row.status is not BlobStatus.WRITING:
            raise UploadExpired
        await self._transaction.put(self._blobs, replace(row, status=BlobStatus.KEPT, blob=blob))

    @override
    async def get(self, blob_id: BlobId) -> Blob:
        row = self._transaction.get(self._blobs, blob_id)
        if row is None or row.kept is None:
            raise NotFound
        return row.kept

    @override
    async def remove(self, blob_id: BlobId) -> None:
        row = await self._transaction.locked(self._blobs, blob_id)
        if row is not None and row.kept is not None:
            await self._transaction.put(self._blobs, replace(row, status=BlobStatus.REMOVED))

    @override
    async def remove_all(self, workspace_id: WorkspaceId) -> None:
        for row in self._transaction.all(self._blobs):
            if row.workspace_id == workspace_id:
                await self.remove(row.id)


class MemoryBlobLog(BlobLog):
    """The committed rows of blobs."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def begin(self, blob_id: BlobId, workspace_id: WorkspaceId, at: datetime) -> None:
        if blob_id in self._store.blobs.rows:
            raise Conflict
        self._store.blobs.rows[blob_id] = BlobRow(blob_id, workspace_id, at)

    @override
    async def abandon(self, blob_id: BlobId) -> None:
        row = self._store.blobs.rows.get(blob_id)
        if row is not None and row.status is BlobStatus.WRITING:
            await self._end([row])

    @override
    async def expire(self, before: datetime) -> int:
        rows, workspaces = list(self._store.blobs.rows.values()), self._store.workspaces.rows
        begun = [row for row in rows if row.status is BlobStatus.WRITING and row.begun_at < before]
        orphans = [row for row in rows if row.kept is not None and row.workspace_id not in workspaces]
        return await self._end([*begun, *orphans])

    @override
    async def due(self, limit: int) -> Sequence[BlobId]:
        return [row.id for row in self._store.blobs.rows.values() if row.status is BlobStatus.REMOVED][:limit]

    @override
    async def forget(self, blob_id: BlobId) -> None:
        row = self._store.blobs.rows.get(blob_id)
        if row is not None and row.status is BlobStatus.REMOVED:
            del self._store.blobs.rows[blob_id]

    async def _end(self, found: Sequence[BlobRow]) -> int:
        with self._store.transaction() as transaction:
            for each in found:
                row = await transaction.locked(self._store.blobs, each.id)
                if row is not None and row.status is each.status:
                    await transaction.put(self._store.blobs, replace(row, status=BlobStatus.REMOVED))
            ended = len(transaction.changed(self._store.blobs))
            transaction.apply()
        return ended


class MemoryBlobViews(BlobViews):
    """Committed blobs."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def blob(self, blob_id: BlobId) -> Blob | None:
        row = self._store.blobs.rows.get(blob_id)
        return row.kept if row else None

    @override
    async def used(self, workspace_id: WorkspaceId) -> int:
        return _used(self._store.blobs.rows.values(), workspace_id)


def _used(rows: Iterable[BlobRow], workspace_id: WorkspaceId) -> int:
    return sum(row.kept.size for row in rows if row.kept is not None and row.workspace_id == workspace_id)
