from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint, Uuid

from adapters.postgres.columns import conversation, identifier, moment, one_of, optional_moment, required, workspace
from adapters.postgres.tables.schema import metadata
from domain.identity import CredentialKind

users = Table(
    "users",
    metadata,
    identifier(),
    required("email", Text()),
    required("name", Text()),
    moment("created_at"),
    UniqueConstraint("email"),
    CheckConstraint("email = lower(email)", name="email"),
)

credentials = Table(
    "credentials",
    metadata,
    identifier(),
    *one_of("kind", CredentialKind),
    required("digest", LargeBinary()),
    workspace(),
    Column("user_id", Uuid(), ForeignKey("users.id", ondelete="CASCADE")),
    *conversation(nullable=True),
    required("name", Text()),
    moment("created_at"),
    optional_moment("expires_at"),
    optional_moment("revoked_at"),
    CheckConstraint("octet_length(digest) = 32", name="digest"),
    CheckConstraint("(kind = 'visitor') = (conversation_id IS NOT NULL)", name="conversation_id"),
    Index(None, "workspace_id"),
    Index(None, "user_id"),
    Index(None, "conversation_id"),
)
