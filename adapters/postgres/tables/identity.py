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

from adapters.postgres.columns import (
    conversation,
    identifier,
    moment,
    number,
    one_of,
    optional,
    optional_moment,
    required,
)
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import choices, record
from domain.identity import CredentialKind, Preferences, Profile
from domain.permissions import Permission

users = Table(
    "users",
    metadata,
    identifier(),
    optional("email", Text()),
    required("name", Text()),
    required("profile", record(Profile)),
    required("preferences", record(Preferences)),
    optional("avatar_blob_id", Uuid()),  # no foreign key: the picture goes with the user's personal workspace
    optional("avatar_digest", LargeBinary()),
    required("administrator", Boolean()),
    *number("version", least=1),
    moment("created_at"),
    optional_moment("updated_at"),
    optional_moment("deactivated_at"),
    optional_moment("deleted_at"),
    UniqueConstraint("email"),
    CheckConstraint("email = lower(email)", name="email"),
    CheckConstraint(
        "deleted_at IS NULL OR (email IS NULL AND avatar_blob_id IS NULL AND NOT administrator)", name="deleted"
    ),
    CheckConstraint("(avatar_blob_id IS NULL) = (avatar_digest IS NULL)", name="avatar"),
    Index(None, "avatar_digest", postgresql_where=text("avatar_digest IS NOT NULL")),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text(), primary_key=True),
    Column("subject", Text(), primary_key=True),
    Column("user_id", Uuid(), ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
    optional_moment("told_at"),
    moment("created_at"),
    Index(None, "user_id"),
)

provider_deliveries = Table(
    "provider_deliveries",
    metadata,
    Column("id", Text(), primary_key=True),
    moment("received_at"),
    Index(None, "received_at"),
)

credentials = Table(
    "credentials",
    metadata,
    identifier(),
    *one_of("kind", CredentialKind),
    required("digest", LargeBinary()),
    Column("workspace_id", Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=True),
    Column("user_id", Uuid(), ForeignKey("users.id", ondelete="CASCADE")),
    *conversation(nullable=True),
    required("name", Text()),
    required("permissions", choices(Permission)),
    moment("created_at"),
    optional_moment("expires_at"),
    optional_moment("ends_at"),
    optional_moment("last_used_at"),
    optional_moment("revoked_at"),
    CheckConstraint("octet_length(digest) = 32", name="digest"),
    CheckConstraint("(kind = 'visitor') = (conversation_id IS NOT NULL)", name="conversation_id"),
    CheckConstraint("kind <> 'session' OR (user_id IS NOT NULL AND ends_at IS NOT NULL)", name="session"),
    CheckConstraint("workspace_id IS NOT NULL OR user_id IS NOT NULL", name="holder"),
    Index(None, "workspace_id"),
    Index(None, "user_id"),
    Index(None, "conversation_id"),
)
