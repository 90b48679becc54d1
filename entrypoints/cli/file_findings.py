"""What `flightdeck doctor` finds out about where the bytes of files are kept."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from uuid import UUID

from application.ports.blob_store import BlobStore
from domain.blobs import BlobLost
from domain.errors import Unavailable
from domain.ids import BlobId
from entrypoints.cli.findings import Finding
from entrypoints.container import blob_directory
from entrypoints.settings import Settings
from entrypoints.settings.choices import BlobStoreKind

_TRIED = BlobId(UUID(int=0))
"""No blob has this id: what an interrupted try leaves is replaced by the next."""
_WORDS = b"flightdeck doctor"
_PATIENCE = 30.0  # seconds


async def files_finding(store: BlobStore, settings: Settings) -> Finding:
    """Whether files can be kept; of those in the database its own finding tells."""
    match settings.blob_store:
        case BlobStoreKind.POSTGRES:
            return Finding("files", True, f"in the database; {_quota(settings)}")
        case BlobStoreKind.DIRECTORY:
            # Nothing is written: who looks may be another user than who serves.
            return directory_finding(blob_directory(settings), _quota(settings))
        case BlobStoreKind.S3:
            return await bucket_finding(store, settings)


def directory_finding(directory: Path, quota: str) -> Finding:
    """Whether we may write there."""
    place = directory
    while not place.exists():  # the first file makes it, and those above
        place = place.parent
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return Finding("files", True, f"in {directory.absolute()}; {quota}")
    return Finding("files", False, f"Cannot write to {place.absolute()}. Let this user, or set BLOB_DIRECTORY.")


async def bucket_finding(store: BlobStore, settings: Settings) -> Finding:
    """Whether what is written to the bucket can be read again."""
    advice = "See S3_BUCKET, S3_ENDPOINT, S3_REGION and the keys, which must let us write, read and delete."
    try:
        async with asyncio.timeout(_PATIENCE):
            kept = await _kept(store)
    except (Unavailable, BlobLost, TimeoutError):
        return Finding("files", False, f"The bucket {settings.s3_bucket} does not take a file. {advice}")
    if not kept:
        return Finding("files", False, f"The bucket {settings.s3_bucket} gives back something else. {advice}")
    return Finding("files", True, f"in the bucket {settings.s3_bucket}; {_quota(settings)}")


async def _kept(store: BlobStore) -> bool:
    await store.write(_TRIED, _words())
    try:
        async with aclosing(store.read(_TRIED)) as chunks:
            return b"".join([chunk async for chunk in chunks]) == _WORDS
    finally:
        await store.delete(_TRIED)


async def _words() -> AsyncGenerator[bytes]:
    yield _WORDS


def _quota(settings: Settings) -> str:
    if settings.blob_quota is None:
        return "as much of them as there is room (BLOB_QUOTA=0)"
    return f"up to {settings.blob_quota / 1024**3:.3g} GB for each workspace"
