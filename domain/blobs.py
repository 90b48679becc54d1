"""Blobs: files of a workspace, such as images, documents and archives; what is known of them, without their bytes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import Conflict, Fault, Gone, Invalid
from domain.ids import BlobId, WorkspaceId


class QuotaExceeded(Conflict):
    """The workspace's blobs would be larger together than this instance allows."""

    code = "quota_exceeded"
    detail = "The workspace's files may not take more room. Remove some, then try again."


class UploadExpired(Conflict):
    """It took so long from the first byte of a blob until it was to be kept that its bytes were given up."""

    code = "upload_expired"
    detail = "The upload took too long. Begin it again."


class BlobLost(Gone):
    """The blob is known, but its bytes are not what was written, or not there: the store was tampered with or lost."""

    code = "blob_lost"
    detail = "The file's content is lost."


class BlobStatus(StrEnum):
    """Where a blob is: it is being written, it is there, or its bytes are to be collected."""

    WRITING = "writing"
    KEPT = "kept"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A blob whose bytes are written; they never change.

    Attributes:
        digest: SHA-256 of the bytes. size: their number.
        media_type: as its maker named or found it; nobody has checked that the bytes are of it.
        created_at: when its first byte was to be written.
    """

    id: BlobId
    workspace_id: WorkspaceId
    digest: bytes
    size: int
    media_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Quota:
    """How many bytes the blobs of a workspace may have together; None is without limit."""

    most: int | None = None

    def check(self, used: int, size: int) -> None:
        """Nothing, when `size` more bytes fit beside those `used`.

        Raises:
            QuotaExceeded: they do not.
        """
        if self.most is not None and used + size > self.most:
            raise QuotaExceeded


def too_large(most: int) -> Invalid:
    """What is wrong with a file of more than `most` bytes."""
    shown = f"{most // 1024**2} MB" if most >= 1024**2 else f"{most} bytes"
    return Invalid(Fault("", "too_large", f"The file may have at most {shown}."))
