from sqlalchemy import Boolean, CheckConstraint, Index, Integer, Numeric, Table, Text, text

from adapters.postgres.columns import identifier, moment, number, one_of, optional, required, workspace
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import record
from domain.scheduling import ConnectorType, ServiceFormat

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
