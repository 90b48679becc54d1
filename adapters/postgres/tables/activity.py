from sqlalchemy import BigInteger, Column, Index, Table, Text, Uuid

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
    required("actor_name", Text()),
    required("subject_type", Text()),
    required("subject_id", Uuid()),
    moment("at"),
    optional("causation_id", Text()),
    required("data", json()),
    Index(None, "workspace_id", "actor_id", "number"),
    Index(None, "workspace_id", "subject_id", "number"),
    Index(None, "workspace_id", "at"),
)
