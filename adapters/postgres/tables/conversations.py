from sqlalchemy import CheckConstraint, Index, Table, Text, UniqueConstraint, Uuid, text

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
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import json, record, records, texts
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
    # For what refers to both, so that no row is of another tenant than its parent.
    UniqueConstraint("id", "workspace_id"),
    Index(None, "workspace_id", "updated_at"),
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
