"""Where the settings have the bytes of files kept."""

from pathlib import Path

from adapters.directory.blob_store import DirectoryBlobStore
from adapters.postgres.blob_store import PostgresBlobStore
from adapters.postgres.statements import Database
from application.ports.blob_store import BlobStore
from entrypoints.settings import Settings
from entrypoints.settings.choices import BlobStoreKind


def blob_store(settings: Settings, database: Database) -> BlobStore:
    """The configured store."""
    match settings.blob_store:
        case BlobStoreKind.POSTGRES:
            return PostgresBlobStore(database)
        case BlobStoreKind.DIRECTORY:
            return DirectoryBlobStore(directory(settings))
        case BlobStoreKind.S3:
            from adapters.s3.blob_store import S3BlobStore  # noqa: PLC0415 (an extra, imported only when configured)

            return S3BlobStore(
                str(settings.s3_bucket),
                endpoint=settings.s3_endpoint,
                region=settings.s3_region,
                access_key=settings.s3_access_key,
                secret_key=settings.s3_secret_key,
            )


def outside_the_database(settings: Settings) -> str | None:
    """Where the bytes of files are, for a person, unless a backup of the database holds them."""
    match settings.blob_store:
        case BlobStoreKind.POSTGRES:
            return None
        case BlobStoreKind.DIRECTORY:
            return f"the directory {directory(settings)}"
        case BlobStoreKind.S3:
            return f"the bucket {settings.s3_bucket}"


def directory(settings: Settings) -> Path:
    """Where BLOB_STORE=directory keeps them."""
    return settings.blob_directory or settings.flightdeck_home / "blobs"
