from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from application.ports.unit_of_work import UnitOfWork
from domain.blobs import Blob, Quota
from domain.ids import BlobId, WorkspaceId


class Blobs(Protocol):
    """The blobs that are kept."""

    async def add(self, blob: Blob, quota: Quota) -> None:
        """Keeps a blob that `BlobLog.begin` announced and whose bytes are written; needs no event.

        Until the unit ends nobody else adds a blob of the workspace, so that together they never exceed the quota. In
        the order of locks it comes after those of all rows.

        Raises:
            QuotaExceeded: it would be larger together with the other kept blobs of its workspace.
            UploadExpired: its bytes were given up meanwhile.
        """
        ...

    async def get(self, blob_id: BlobId) -> Blob:
        """The blob.

        Raises:
            NotFound: there is none, or it is removed.
        """
        ...

    async def remove(self, blob_id: BlobId) -> None:
        """The blob is gone and its bytes are due for collection; nothing when it is gone already. Needs no event."""
        ...

    async def remove_all(self, workspace_id: WorkspaceId) -> None:
        """As `remove`, with all blobs of the workspace."""
        ...


class BlobLog(Protocol):
    """Which bytes a store may hold, written down before the first of them is; each call is true at once.

    So no bytes are ever leaked: those of no kept blob are found here and not by looking through the store.
    """

    async def begin(self, blob_id: BlobId, workspace_id: WorkspaceId, at: datetime) -> None:
        """From now on bytes may be written under this id, which is new.

        Raises:
            Unavailable: the log does not answer.
        """
        ...

    async def abandon(self, blob_id: BlobId) -> None:
        """The bytes that are written are due for collection; nothing when their blob is kept or unknown."""
        ...

    async def expire(self, before: datetime) -> int:
        """What was begun earlier than `before` and is not kept is due, and all of workspaces that are gone.

        Returns:
            How many became due.
        """
        ...

    async def due(self, limit: int) -> Sequence[BlobId]:
        """Up to `limit` ids whose bytes nobody will ask for any more."""
        ...

    async def forget(self, blob_id: BlobId) -> None:
        """The bytes of this due id are deleted; nothing when it is not due."""
        ...


class BlobViews(Protocol):
    """Blobs, to look at."""

    async def blob(self, blob_id: BlobId) -> Blob | None:
        """The blob, or None when there is none that is kept."""
        ...

    async def used(self, workspace_id: WorkspaceId) -> int:
        """The bytes of the workspace's kept blobs together."""
        ...


class BlobsWork(UnitOfWork, Protocol):
    """What use cases of blobs touch."""

    blobs: Blobs
