from sqlalchemy import Index, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR

from adapters.postgres.columns import identifier, number, required, workspace
from adapters.postgres.tables.schema import metadata

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
