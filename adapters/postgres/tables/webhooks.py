from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid

from adapters.postgres.columns import identifier, moment, number, one_of, optional, optional_moment, required, workspace
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import record
from domain.webhooks import Attempt, DeliveryStatus, DeliveryType, DisabledReason

webhooks = Table(
    "webhooks",
    metadata,
    Column("workspace_id", Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    required("url", Text()),
    required("sealed", LargeBinary()),
    optional("retired", LargeBinary()),
    optional_moment("retired_until"),
    required("active", Boolean()),
    *one_of("disabled_reason", DisabledReason, nullable=True),
    *number("version", least=1),
    moment("created_at"),
    moment("updated_at"),
    CheckConstraint("(retired IS NULL) = (retired_until IS NULL)", name="retired"),
    CheckConstraint("disabled_reason IS NULL OR NOT active", name="disabled"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    identifier(),
    workspace(),
    *one_of("type", DeliveryType),
    # No foreign keys: the log outlives what was sent, and holds nothing of it.
    optional("conversation_id", Uuid()),
    optional("message_id", Uuid()),
    *one_of("status", DeliveryStatus),
    required("attempts", record(tuple[Attempt, ...])),
    required("job_id", Uuid()),
    moment("created_at"),
    optional_moment("ended_at"),
    CheckConstraint("(status = 'pending') = (ended_at IS NULL)", name="ended"),
    Index(None, "workspace_id", "created_at", "id"),
)
