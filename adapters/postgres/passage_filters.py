"""Which passages pass the filters of a search, as SQL: one statement for all of them, planned once."""

from typing import Any

from sqlalchemy import ARRAY, BindParameter, DateTime, Text, Uuid, bindparam

from domain.knowledge import Filters, SourceKind

PASSES = """(
  p.workspace_id = :workspace_id
  and (p.reader_id is null or p.reader_id = :reader_id)
  and (p.expires_at is null or p.expires_at > :at)
  and p.kind = any (:kinds)
  and (:scopes is null
    or ('own' = any (:scopes) and p.owner_id = :reader_id)
    or ('workspace' = any (:scopes) and p.reader_id is null))
  and (:tiers is null or p.tier = any (:tiers))
  and (:owner_id is null or p.owner_id = :owner_id)
  and (:since is null or p.at >= :since)
  and (:until is null or p.at < :until)
  and (:excluding is null or p.source_id <> all (:excluding))
  and (:tags is null or (p.kind = 'memory' and exists (
    select from memories as m where m.id = p.source_id and m.tags && :tags)))
  and (:collections is null or (p.kind = 'memory' and exists (
    select from collection_memories as held join collections as c on c.id = held.collection_id
    where held.memory_id = p.source_id and c.id = any (:collections) and c.owner_id = :reader_id)))
)"""
"""The passage `p` passes; wants what `passing` gives."""
PASSES_BESIDES = PASSES.replace("p.workspace_id = :workspace_id", "(p.workspace_id = :workspace_id) is true")
"""The same, for where rows are found by another index, which is to be used alone: of this no index knows."""


def binds() -> tuple[BindParameter[Any], ...]:
    """What `PASSES` wants, typed."""
    return (
        *(bindparam(name, type_=Uuid()) for name in ("workspace_id", "reader_id", "owner_id")),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("at", "since", "until")),
        *(bindparam(name, type_=ARRAY(Text())) for name in ("kinds", "scopes", "tiers", "tags")),
        *(bindparam(name, type_=ARRAY(Uuid())) for name in ("collections", "excluding")),
    )


def passing(filters: Filters) -> dict[str, Any]:
    """What `PASSES` wants for these filters."""
    return {
        "workspace_id": filters.workspace_id,
        "reader_id": filters.reader_id,
        "owner_id": filters.owner_id,
        "at": filters.at,
        "since": filters.since,
        "until": filters.until,
        "kinds": sorted(filters.kinds or SourceKind),
        "scopes": sorted(filters.scopes) or None,
        "tiers": sorted(filters.tiers) or None,
        "tags": sorted(filters.tags) or None,
        "collections": sorted(filters.collections) or None,
        "excluding": sorted(filters.excluding) or None,
    }
