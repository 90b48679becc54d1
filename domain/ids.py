import secrets
from datetime import datetime
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
CredentialId = NewType("CredentialId", UUID)
WorkspaceId = NewType("WorkspaceId", UUID)
ServiceId = NewType("ServiceId", UUID)
ConnectorId = NewType("ConnectorId", UUID)
ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)
RunId = NewType("RunId", UUID)
PassageId = NewType("PassageId", UUID)
JobId = NewType("JobId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
UsageEntryId = NewType("UsageEntryId", UUID)
LetterId = NewType("LetterId", UUID)
BlobId = NewType("BlobId", UUID)
InviteId = NewType("InviteId", UUID)
OneTimeTokenId = NewType("OneTimeTokenId", UUID)
MemoryId = NewType("MemoryId", UUID)
CollectionId = NewType("CollectionId", UUID)
DocumentId = NewType("DocumentId", UUID)


def new_id(at: datetime) -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds of `at`, then 74 random bits."""
    milliseconds = int(at.timestamp() * 1000) & (2**48 - 1)
    random = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (2**62 - 1)
    return UUID(int=value)


INSTANCE = WorkspaceId(UUID(int=0))
"""Where what happens to the instance itself is told: the workspace of nobody."""
