from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Table, Text, UniqueConstraint, Uuid

from adapters.postgres.columns import identifier, moment, number, one_of, optional, required, workspace
from adapters.postgres.tables.schema import metadata
from domain.knowledge import DocumentKind, DocumentStatus

documents = Table(
    "documents",
    metadata,
    identifier(),
    workspace(),
    *one_of("kind", DocumentKind),
    required("title", Text()),
    required("source_uri", Text()),
    required("media_type", Text()),
    *one_of("status", DocumentStatus),
    optional("reason", Text()),
    required("digest", LargeBinary()),
    required("size", BigInteger()),
    # No foreign keys: rows of blobs outlive what they are of until their bytes are collected.
    optional("content_id", Uuid()),
    optional("text_id", Uuid()),
    optional("language", Text()),
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    CheckConstraint("octet_length(digest) IN (0, 32)", name="digest"),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("(status = 'failed') = (reason IS NOT NULL)", name="reason"),
    UniqueConstraint("workspace_id", "source_uri"),
    Index(None, "workspace_id", "created_at", "id"),
    Index(None, "workspace_id", "digest"),
)
