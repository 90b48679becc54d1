from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.columns import identifier, moment, number, one_of, optional_moment, required, workspace
from adapters.postgres.tables.schema import metadata
from domain.memories import CollectionKind

collections = Table(
    "collections",
    metadata,
    identifier(),
    workspace(),
    Column("owner_id", Uuid(), ForeignKey("users.id"), nullable=False),
    *one_of("kind", CollectionKind),
    required("name", Text()),
    required("description", Text()),
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("workspace_id", "owner_id", "name"),
    Index(None, "owner_id"),
)

collection_memories = Table(
    "collection_memories",
    metadata,
    Column("collection_id", Uuid(), ForeignKey("collections.id", ondelete="CASCADE"), nullable=False),
    Column("memory_id", Uuid(), ForeignKey("memories.id", ondelete="CASCADE"), nullable=False),
    workspace(),
    *number("position"),
    PrimaryKeyConstraint("collection_id", "memory_id"),
    Index(None, "memory_id"),
    Index(None, "workspace_id"),
)

memory_profiles = Table(
    "memory_profiles",
    metadata,
    workspace(),
    Column("owner_id", Uuid(), ForeignKey("users.id"), nullable=False),
    # Ids alone: what the memories say is read from them, and so is gone with them.
    required("stable", ARRAY(Uuid())),
    required("recent", ARRAY(Uuid())),
    optional_moment("stale_since"),
    optional_moment("updated_at"),
    PrimaryKeyConstraint("workspace_id", "owner_id"),
    Index(None, "owner_id"),
)
