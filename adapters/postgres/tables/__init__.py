"""The schema, as the migrations leave it: a test compares the two."""

from collections.abc import Mapping

from adapters.postgres.tables.activity import activity, activity_heads
from adapters.postgres.tables.conversations import conversations, messages, runs
from adapters.postgres.tables.idempotency import idempotency_keys
from adapters.postgres.tables.identity import credentials, users
from adapters.postgres.tables.jobs import jobs, workers
from adapters.postgres.tables.knowledge import passages
from adapters.postgres.tables.scheduling import connectors, services
from adapters.postgres.tables.schema import metadata
from adapters.postgres.tables.usage import noticed_limits, usage_entries
from adapters.postgres.tables.webhooks import webhook_deliveries, webhooks
from adapters.postgres.tables.workspaces import members, workspaces

__all__ = [
    "TENANTLESS",
    "activity",
    "activity_heads",
    "connectors",
    "conversations",
    "credentials",
    "idempotency_keys",
    "jobs",
    "members",
    "messages",
    "metadata",
    "noticed_limits",
    "passages",
    "runs",
    "services",
    "usage_entries",
    "users",
    "webhook_deliveries",
    "webhooks",
    "workers",
    "workspaces",
]

TENANTLESS: Mapping[str, str] = {
    "users": "a person may belong to several workspaces, or to none yet",
    "workspaces": "a workspace is the tenant itself",
    "workers": "processes of ours, which work for every tenant",
    "idempotency_keys": "the scope, a hash, names the actor; a request may come before any tenant is known",
}
"""The tables without a `workspace_id`, with reasons."""
