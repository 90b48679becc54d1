"""Blobs in memory, and the short words in which tests speak of them."""

from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass, field
from hashlib import sha256

from typing_extensions import override

from adapters.memory.blob_store import MemoryBlobStore
from adapters.memory.blobs import MemoryBlobLog, MemoryBlobViews
from adapters.memory.job_progress import MemoryJobProgress
from application.blobs.collect_blobs import BlobCollector, CollectBlobs
from application.blobs.read_blob import ReadBlob
from application.blobs.write_blob import WriteBlob
from domain.blobs import Blob, Quota
from domain.errors import Unavailable
from domain.ids import BlobId, WorkspaceId
from domain.jobs import Claim, Job
from tests.application.world import LEASE, World


class FailingBlobStore(MemoryBlobStore):
    """A store that is away while `away` is true."""

    away = False

    @override
    async def write(self, blob_id: BlobId, chunks: AsyncIterable[bytes]) -> None:
        await super().write(blob_id, chunks)
        self._check()

    @override
    async def delete(self, blob_id: BlobId) -> None:
        self._check()
        await super().delete(blob_id)

    def _check(self) -> None:
        if self.away:
            raise Unavailable


@dataclass(slots=True)
class Desk:
    """A workspace and its blobs."""

    world: World
    workspace_id: WorkspaceId
    store: FailingBlobStore = field(default_factory=FailingBlobStore)
    quota: Quota = field(default_factory=Quota)

    @property
    def log(self) -> MemoryBlobLog:
        return MemoryBlobLog(self.world.store)

    async def write(self, *parts: bytes, most: int | None = None) -> Blob:
        write_blob = WriteBlob(self.log, MemoryBlobViews(self.world.store), self.store, self.quota, self.world.clock)
        return await write_blob(self.workspace_id, "text/plain", sent(*parts), most)

    async def keep(self, blob: Blob) -> Blob:
        async with self.world.begin() as work:
            await work.blobs.add(blob, self.quota)
            return await work.commit(blob)

    async def remove(self, blob: Blob) -> None:
        async with self.world.begin() as work:
            await work.blobs.remove(blob.id)
            await work.commit(None)

    async def read(self, blob: Blob) -> bytes:
        return b"".join([chunk async for chunk in await ReadBlob(self.store)(blob)])

    async def collect(self) -> list[tuple[int, str | None]]:
        """What the job reported."""
        progress = MemoryJobProgress()
        await BlobCollector(self.log, self.store, self.world.clock)(CollectBlobs(), await self._claim(), progress)
        return progress.reports

    async def _claim(self) -> Claim:
        async with self.world.begin() as work:
            await work.jobs.add(Job.of(CollectBlobs(), self.world.clock.now()))
            await work.commit(None)
        (claim,) = await self.world.queue.claim([CollectBlobs.type], 1, LEASE)
        async with self.world.begin() as work:
            await work.jobs.finish(claim)
            await work.commit(None)
        return claim


async def sent(*parts: bytes) -> AsyncGenerator[bytes, None]:
    for part in parts:
        yield part


def digest(contents: bytes) -> bytes:
    return sha256(contents).digest()
