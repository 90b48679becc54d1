from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint, Uuid, text

from adapters.postgres.columns import identifier, moment, number, one_of, required
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
    Column("owner_id", Uuid(), ForeignKey("users.id"), nullable=False),
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
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("handle"),
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
    Index(None, "user_id"),
)
