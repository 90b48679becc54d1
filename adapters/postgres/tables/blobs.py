from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, Uuid, text

from adapters.postgres.columns import identifier, moment, one_of, optional, required
from adapters.postgres.tables.schema import metadata
from domain.blobs import BlobStatus

blobs = Table(
    "blobs",
    metadata,
    identifier(),
    # No foreign key: the row outlives its workspace until the bytes are collected, which may lie outside of here.
    required("workspace_id", Uuid()),
    *one_of("status", BlobStatus),
    optional("digest", LargeBinary()),
    optional("size", BigInteger()),
    optional("media_type", Text()),
    moment("created_at"),
    CheckConstraint("octet_length(digest) = 32", name="digest"),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint(
        "status <> 'kept' OR digest IS NOT NULL AND size IS NOT NULL AND media_type IS NOT NULL", name="kept"
    ),
    Index("ix_blobs_kept", "workspace_id", postgresql_include=["size"], postgresql_where=text("status = 'kept'")),
    Index("ix_blobs_not_kept", "status", "created_at", postgresql_where=text("status <> 'kept'")),
)

blob_chunks = Table(
    "blob_chunks",
    metadata,
    # No foreign key to `blobs`: where bytes lie, and what they are of, are known to two ports that can be filled apart.
    Column("blob_id", Uuid(), primary_key=True),
    Column("position", Integer(), primary_key=True),
    required("data", LargeBinary()),
)
