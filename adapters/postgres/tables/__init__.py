"""The schema, as the migrations leave it: a test compares the two."""

from collections.abc import Mapping

from adapters.postgres.tables.activity import activity, activity_heads, activity_seals
from adapters.postgres.tables.blobs import blob_chunks, blobs
from adapters.postgres.tables.collections import collection_memories, collections, memory_profiles
from adapters.postgres.tables.conversations import conversations, messages, runs
from adapters.postgres.tables.documents import documents
from adapters.postgres.tables.idempotency import idempotency_keys
from adapters.postgres.tables.identity import credentials, identities, provider_deliveries, users
from adapters.postgres.tables.invites import invites
from adapters.postgres.tables.jobs import jobs, workers
from adapters.postgres.tables.knowledge import embeddings, passages
from adapters.postgres.tables.memories import memories, memory_policies, memory_versions
from adapters.postgres.tables.reasons import REASONS
from adapters.postgres.tables.scheduling import connectors, services
from adapters.postgres.tables.schema import metadata
from adapters.postgres.tables.sign_in import logins, one_time_tokens
from adapters.postgres.tables.usage import noticed_limits, usage_entries
from adapters.postgres.tables.webhooks import webhook_deliveries, webhooks
from adapters.postgres.tables.workspaces import members, workspaces

__all__ = [
    "REASONS",
    "TENANTLESS",
    "activity",
    "activity_heads",
    "activity_seals",
    "blob_chunks",
    "blobs",
    "collection_memories",
    "collections",
    "connectors",
    "conversations",
    "credentials",
    "documents",
    "embeddings",
    "idempotency_keys",
    "identities",
    "invites",
    "jobs",
    "logins",
    "members",
    "memories",
    "memory_policies",
    "memory_profiles",
    "memory_versions",
    "messages",
    "metadata",
    "noticed_limits",
    "one_time_tokens",
    "passages",
    "provider_deliveries",
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
    "identities": "an identity is a user's, who may belong to several workspaces",
    "provider_deliveries": "a message of an issuer speaks of an identity, not of a workspace",
    "logins": "a login is a user's, who may belong to several workspaces",
    "one_time_tokens": "a mailed link is an address's, which may be nobody's yet",
    "users": "a person may belong to several workspaces, or to none yet",
    "workspaces": "a workspace is the tenant itself",
    "workers": "processes of ours, which work for every tenant",
    "blob_chunks": "the bytes of blobs, which have one; whoever stores them need not know it",
    "idempotency_keys": "the scope, a hash, names the actor; a request may come before any tenant is known",
}
"""The tables without a `workspace_id`, with reasons."""
