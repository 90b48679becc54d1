from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from adapters.postgres.columns import identifier, moment, number, one_of, optional, required, workspace
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import decimal
from domain.usage import Limit

usage_entries = Table(
    "usage_entries",
    metadata,
    identifier(),
    workspace(),
    required("day", Date()),
    # No foreign keys: what was used is evidence, and outlives the conversation.
    required("conversation_id", Uuid()),
    required("run_id", Uuid()),
    required("model", Text()),
    *number("input_tokens"),
    *number("output_tokens"),
    optional("cost_amount", decimal()),
    optional("cost_currency", Text()),
    required("estimated", Boolean()),
    optional("origin", LargeBinary()),
    required("private", Boolean()),
    moment("at"),
    CheckConstraint("(cost_amount IS NULL) = (cost_currency IS NULL)", name="cost"),
    CheckConstraint("octet_length(origin) = 32", name="origin"),
    Index(None, "workspace_id", "day"),
    Index(None, "conversation_id"),
    Index(None, "workspace_id", "origin", "day", postgresql_where=text("origin IS NOT NULL")),
)

noticed_limits = Table(
    "noticed_limits",
    metadata,
    Column("workspace_id", Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    required("day", Date()),
    *one_of("kind", Limit),
    required("scope", LargeBinary()),  # the id of a conversation, an origin, or nothing
    required("tokens", BigInteger()),
    PrimaryKeyConstraint("workspace_id", "day", "kind", "scope", "tokens"),
)
