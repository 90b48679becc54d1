from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, Table, Text, UniqueConstraint, Uuid

from adapters.postgres.columns import moment, one_of, optional, required
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import json
from domain.actors import ActorType

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
    required("subject_type", Text()),
    required("subject_id", Uuid()),
    moment("at"),
    optional("causation_id", Text()),
    required("data", json()),
    Index(None, "workspace_id", "actor_id", "number"),
    Index(None, "workspace_id", "subject_id", "number"),
    Index(None, "workspace_id", "at"),
)

activity_seals = Table(
    "activity_seals",
    metadata,
    Column("workspace_id", Uuid(), primary_key=True),  # no foreign key, as above
    Column("number", BigInteger(), primary_key=True, autoincrement=False),
    required("first", BigInteger()),
    required("last", BigInteger()),
    required("previous", LargeBinary()),
    required("digest", LargeBinary()),
    required("marks", LargeBinary()),
    moment("sealed_at"),
    UniqueConstraint("workspace_id", "last"),  # finds the seal over an event, too
    CheckConstraint("number >= 1 AND first >= 1 AND last >= first", name="range"),
    CheckConstraint("octet_length(previous) = 32 AND octet_length(digest) = 32", name="digests"),
    CheckConstraint("octet_length(marks) = 8 * (last - first + 1)", name="marks"),
)
