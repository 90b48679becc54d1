"""Pictures that are shown: of users and of workspaces."""

from dataclasses import dataclass
from typing import Self

from domain.blobs import Blob
from domain.ids import BlobId


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is in use.

    Attributes:
        digest: SHA-256 of its bytes. It names the picture in its address, which so changes with it and is not guessed.
    """

    blob_id: BlobId
    digest: bytes

    @classmethod
    def of(cls, blob: Blob) -> Self:
        """The picture that these bytes are."""
        return cls(blob.id, blob.digest)
