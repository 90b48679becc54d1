from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from adapters.postgres.columns import identifier, moment, number, one_of, optional, optional_moment, required
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import json
from domain.jobs import JobStatus

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
