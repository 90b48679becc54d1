from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid, text

from adapters.postgres.columns import identifier, moment, one_of, optional, optional_moment, required, workspace
from adapters.postgres.tables.schema import metadata
from domain.access import Role

_PENDING = "accepted_at IS NULL AND revoked_at IS NULL"

invites = Table(
    "invites",
    metadata,
    identifier(),
    workspace(),
    optional("email", Text()),
    *one_of("role", Role),
    required("digest", LargeBinary()),
    Column("invited_by", Uuid(), ForeignKey("users.id"), nullable=False),
    moment("created_at"),
    moment("expires_at"),
    moment("sent_at"),
    optional_moment("accepted_at"),
    optional_moment("revoked_at"),
    CheckConstraint("email = lower(email)", name="email"),
    CheckConstraint(f"({_PENDING}) = (email IS NOT NULL)", name="pending"),
    CheckConstraint("octet_length(digest) = 32", name="digest"),
    Index(None, "workspace_id", "created_at", "id"),
    Index(None, "invited_by"),
    Index("ix_invites_email", "email", postgresql_where=text(_PENDING)),
    Index("uq_invites_pending", "workspace_id", "email", unique=True, postgresql_where=text(_PENDING)),
)
