from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from adapters.postgres.columns import identifier, moment, number, one_of, optional, optional_moment, required
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import record, texts, wrapped
from domain.access import Role
from domain.workspaces import (
    HANDLE_LENGTHS,
    HANDLE_PATTERN,
    RESERVED_HANDLES,
    Assistant,
    BusinessType,
    Handle,
    Retention,
    Savings,
    Tone,
    WorkspaceLimits,
)

workspaces = Table(
    "workspaces",
    metadata,
    identifier(),
    required("handle", wrapped(Handle)),
    required("name", Text()),
    required("personal", Boolean()),
    Column("owner_id", Uuid(), ForeignKey("users.id"), nullable=True),
    *one_of("business_type", BusinessType),
    *one_of("tone", Tone),
    required("timezone", Text()),
    required("language", Text()),
    required("public_name", Text()),
    required("subtitle", Text()),
    required("description", Text()),
    required("active", Boolean()),
    required("embed_origins", texts()),
    required("assistant", record(Assistant)),
    required("limits", record(WorkspaceLimits)),
    required("retention", record(Retention)),
    required("savings", record(Savings)),
    required("knowledge_base", Text()),
    optional("image_blob_id", Uuid()),  # no foreign key: the picture goes with the workspace
    optional("image_digest", LargeBinary()),
    optional_moment("suspended_at"),
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("handle"),
    CheckConstraint("(image_blob_id IS NULL) = (image_digest IS NULL)", name="image"),
    Index(None, "image_digest", postgresql_where=text("image_digest IS NOT NULL")),
    CheckConstraint("personal = (owner_id IS NOT NULL)", name="owner_id"),
    Index("uq_workspaces_personal", "owner_id", unique=True, postgresql_where=text("personal")),
    CheckConstraint(f"handle ~ '{HANDLE_PATTERN}'", name="handle_pattern"),
    CheckConstraint("length(handle) BETWEEN {} AND {}".format(*HANDLE_LENGTHS), name="handle_length"),
    CheckConstraint(
        "handle NOT IN ({})".format(", ".join(f"'{word}'" for word in sorted(RESERVED_HANDLES))),
        name="handle_reserved",
    ),
)

members = Table(
    "members",
    metadata,
    Column("workspace_id", Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Uuid(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    *one_of("role", Role),
    moment("joined_at"),
    Index(None, "user_id"),
)
