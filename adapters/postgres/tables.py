"""The schema, as the migrations leave it: a test compares the two."""

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from adapters.postgres.columns import (
    conversation,
    identifier,
    moment,
    number,
    one_of,
    optional,
    optional_moment,
    required,
    workspace,
)
from adapters.postgres.types import json, record, records, texts, wrapped
from domain.access import Role
from domain.actors import ActorType
from domain.conversations import (
    Channel,
    ConversationKind,
    ConversationStatus,
    HandledBy,
    MessageRole,
    MessageStatus,
    RunErrorCode,
    RunStatus,
    Step,
    Usage,
)
from domain.identity import CredentialKind
from domain.jobs import JobStatus
from domain.scheduling import ConnectorType, ServiceFormat
from domain.workspaces import (
    HANDLE_LENGTHS,
    HANDLE_PATTERN,
    RESERVED_HANDLES,
    Assistant,
    BusinessType,
    Handle,
    Tone,
    WorkspaceLimits,
)

TENANTLESS: Mapping[str, str] = {
    "users": "a person may belong to several workspaces, or to none yet",
    "workspaces": "a workspace is the tenant itself",
    "workers": "processes of ours, which work for every tenant",
    "idempotency_keys": "the scope, a hash, names the actor; a request may come before any tenant is known",
}
"""The tables without a `workspace_id`, with reasons."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

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

services = Table(
    "services",
    metadata,
    identifier(),
    workspace(),
    required("name", Text()),
    required("description", Text()),
    *one_of("format", ServiceFormat),
    optional("duration_minutes", Integer()),
    optional("price_from_amount", Numeric()),  # without a scale, which would make 120.00 and 120 the same
    optional("price_from_currency", Text()),
    required("active", Boolean()),
    *number("position"),
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    CheckConstraint("duration_minutes BETWEEN 1 AND 10080", name="duration_minutes"),
    CheckConstraint("price_from_amount >= 0", name="price_from_amount"),
    CheckConstraint("price_from_currency ~ '^[A-Z]{3}$'", name="price_from_currency"),
    CheckConstraint("(price_from_amount IS NULL) = (price_from_currency IS NULL)", name="price_from"),
    Index(None, "workspace_id", "position", "id"),
)

connectors = Table(
    "connectors",
    metadata,
    identifier(),
    workspace(),
    *one_of("type", ConnectorType),
    required("url", Text()),
    required("sealed", record(dict[str, bytes])),
    required("active", Boolean()),
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    Index(None, "workspace_id", "created_at", "id"),
    Index("uq_connectors_active", "workspace_id", unique=True, postgresql_where=text("active")),
)

conversations = Table(
    "conversations",
    metadata,
    identifier(),
    workspace(),
    *one_of("kind", ConversationKind),
    *one_of("channel", Channel),
    *one_of("status", ConversationStatus),
    *one_of("handled_by", HandledBy),
    optional("visitor_name", Text()),
    optional("visitor_email", Text()),
    required("tags", texts()),
    *number("minutes_saved"),
    optional_moment("waiting_since"),
    *number("message_count"),
    *number("run_count"),
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint(
        "id", "workspace_id"
    ),  # for what refers to both, so that no row is of another tenant than its parent
    Index(None, "workspace_id", "updated_at"),
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

messages = Table(
    "messages",
    metadata,
    identifier(),
    required("workspace_id", Uuid()),
    *conversation(),
    *number("position", least=1),
    *number("turn"),
    *one_of("role", MessageRole),
    *one_of("author_type", ActorType),
    required("author_id", Uuid()),
    required("author_name", Text()),
    required("content", Text()),
    *one_of("status", MessageStatus),
    optional("run_id", Uuid()),  # no foreign key: runs refer to messages, and both go with their conversation
    required("metadata", json()),
    moment("created_at"),
    UniqueConstraint("conversation_id", "position"),
    Index(None, "conversation_id", "turn", "position"),
)

runs = Table(
    "runs",
    metadata,
    identifier(),
    required("workspace_id", Uuid()),
    *conversation(),
    *number("number", least=1),
    required("message_id", Uuid()),
    required("reply_message_id", Uuid()),
    required("job_id", Uuid()),
    *one_of("status", RunStatus),
    *number("attempt"),
    optional("model", Text()),
    optional("prompt_version", Text()),
    required("text", Text()),
    *number("last_sequence"),
    required("steps", records(Step)),
    optional("usage", record(Usage)),
    *one_of("error", RunErrorCode, nullable=True),
    moment("created_at"),
    optional_moment("started_at"),
    optional_moment("ended_at"),
    UniqueConstraint("conversation_id", "number"),
    CheckConstraint("(status IN ('queued', 'running')) = (ended_at IS NULL)", name="ended"),
    Index("uq_runs_running", "conversation_id", unique=True, postgresql_where=text("status = 'running'")),
)

passages = Table(
    "passages",
    metadata,
    identifier(),
    workspace(),
    required("source", Text()),
    *number("position"),
    required("heading", Text()),
    required("text", Text()),
    *number("start"),
    *number("end"),
    required("language", Text()),
    required("lexemes", TSVECTOR()),
    *number("length"),
    UniqueConstraint("workspace_id", "source", "position"),
    Index(None, "lexemes", postgresql_using="gin"),
)

jobs = Table(
    "jobs",
    metadata,
    identifier(),
    Column("number", BigInteger(), Identity(always=True), nullable=False),
    required("type", Text()),
    required("payload", json()),
    optional("workspace_id", Uuid()),  # no foreign key: evidence outlives its tenant, and the system's jobs have none
    optional("subject_type", Text()),
    optional("subject_id", Uuid()),
    *one_of("status", JobStatus),
    required("progress", Integer()),
    optional("note", Text()),
    *number("attempt"),
    *number("failures"),
    *number("max_attempts"),
    optional("unique_key", Text()),
    optional("lane", Text()),
    optional("schedule", Text()),
    moment("run_at"),
    optional_moment("lease_until"),
    required("cancel_asked", Boolean()),
    optional("error", Text()),
    optional("result", json()),
    moment("created_at"),
    optional_moment("started_at"),
    optional_moment("ended_at"),
    UniqueConstraint("number"),
    CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
    CheckConstraint("(status = 'running') = (lease_until IS NOT NULL)", name="lease"),
    CheckConstraint("(status IN ('queued', 'running')) = (ended_at IS NULL)", name="ended"),
    Index(
        "uq_jobs_unended", "type", "unique_key", unique=True, postgresql_where=text("status IN ('queued', 'running')")
    ),
    Index("ix_jobs_due", "run_at", "number", postgresql_where=text("status = 'queued'")),
    Index("ix_jobs_leased", "lease_until", postgresql_where=text("status = 'running'")),
    Index(
        "ix_jobs_lanes",
        "lane",
        "number",
        postgresql_where=text("status IN ('queued', 'running') AND lane IS NOT NULL"),
    ),
    Index(None, "workspace_id", "created_at", "id"),
)

workers = Table("workers", metadata, Column("name", Text(), primary_key=True), moment("seen_at"))

activity_heads = Table(
    "activity_heads",
    metadata,
    Column("workspace_id", Uuid(), primary_key=True),
    required("number", BigInteger()),
)

activity = Table(
    "activity",
    metadata,
    Column("workspace_id", Uuid(), primary_key=True),  # no foreign key: evidence outlives its tenant
    Column("number", BigInteger(), primary_key=True, autoincrement=False),
    required("type", Text()),
    *one_of("actor_type", ActorType),
    required("actor_id", Uuid()),
    required("actor_name", Text()),
    required("subject_type", Text()),
    required("subject_id", Uuid()),
    moment("at"),
    optional("causation_id", Text()),
    required("data", json()),
    Index(None, "workspace_id", "actor_id", "number"),
    Index(None, "workspace_id", "subject_id", "number"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", LargeBinary(), primary_key=True),
    Column("key", Text(), primary_key=True),
    required("digest", LargeBinary()),
    optional("answer", LargeBinary()),  # NULL only within the unit of work that inserts it
    moment("created_at"),
    Index(None, "created_at"),
)
