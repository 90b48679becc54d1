from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from adapters.postgres.columns import identifier, moment, number, one_of, optional, optional_moment, required, workspace
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import record, texts
from domain.memories import Change, Memory, MemoryMetadata, MemorySourceType, Tier

memories = Table(
    "memories",
    metadata,
    identifier(),
    workspace(),
    Column("owner_id", Uuid(), ForeignKey("users.id"), nullable=False),
    *one_of("tier", Tier),
    required("content", Text()),
    required("tags", texts()),
    required("metadata", record(MemoryMetadata)),
    *one_of("source_type", MemorySourceType),
    optional("source_id", Uuid()),
    required("shared", Boolean()),
    required("pinned", Boolean()),
    required("digest", LargeBinary()),
    # No foreign keys: what another memory says stays superseded when that one is gone for good.
    optional("superseded_by", Uuid()),
    optional("similar_to", Uuid()),
    optional_moment("expires_at"),
    optional_moment("deleted_at"),
    *one_of("change", Change),
    optional("undoes", Integer()),
    *number("access_count"),
    optional_moment("last_accessed_at"),
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    CheckConstraint("octet_length(digest) = 32", name="digest"),
    CheckConstraint("tier <> 'personal' OR expires_at IS NULL", name="personal"),
    CheckConstraint("tier <> 'personal' OR change <> 'pruned'", name="pruned"),
    Index(
        "uq_memories_live",
        "workspace_id",
        "owner_id",
        "digest",
        unique=True,
        postgresql_where=text("deleted_at IS NULL AND superseded_by IS NULL"),
    ),
    Index(None, "owner_id", "workspace_id", "created_at", "id"),
    Index("ix_memories_shared", "workspace_id", "created_at", "id", postgresql_where=text("shared")),
    Index(
        "ix_memories_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL AND deleted_at IS NULL")
    ),
    Index(
        "ix_memories_superseded",
        "updated_at",
        postgresql_where=text("superseded_by IS NOT NULL AND deleted_at IS NULL"),
    ),
    Index("ix_memories_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
)

memory_versions = Table(
    "memory_versions",
    metadata,
    Column("memory_id", Uuid(), nullable=False),
    *number("version", least=1),
    workspace(),
    required("memory", record(Memory)),
    moment("at"),
    PrimaryKeyConstraint("memory_id", "version"),
    ForeignKeyConstraint(["memory_id"], ["memories.id"], ondelete="CASCADE"),
    Index(None, "workspace_id"),
    Index(None, "at"),
)

memory_policies = Table(
    "memory_policies",
    metadata,
    Column("workspace_id", Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    optional("project_days", Integer()),
    optional("task_days", Integer()),
    *number("version", least=1),
)
