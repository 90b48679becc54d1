from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.ids import CollectionId, UserId, WorkspaceId
from domain.knowledge.passages import SourceKind
from domain.memories.tiers import Tier


class Scope(StrEnum):
    """Where a search looks: among what is the reader's own, or what all members of the workspace see."""

    OWN = "own"
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a search may find; an empty set or None leaves a filter out.

    Attributes:
        reader_id: the user for whom it looks; None finds only what every member may.
        tiers, collections, tags: of memories; where one is set, nothing but memories is found.
        owner_id: whose memories and messages.
        since, until: the time of what is found, the first included and the last not.
        at: what has expired by then is not found.
        excluding: the ids of sources that are not found.
    """

    workspace_id: WorkspaceId
    reader_id: UserId | None = None
    scopes: frozenset[Scope] = frozenset()
    kinds: frozenset[SourceKind] = field(default=frozenset({SourceKind.MEMORY, SourceKind.DOCUMENT}))
    tiers: frozenset[Tier] = frozenset()
    collections: frozenset[CollectionId] = frozenset()
    tags: frozenset[str] = frozenset()
    owner_id: UserId | None = None
    since: datetime | None = None
    until: datetime | None = None
    at: datetime
    excluding: frozenset[UUID] = frozenset()

    @classmethod
    def of_visitors(cls, workspace_id: WorkspaceId, at: datetime) -> Self:
        """What may be told to whoever asks: the workspace's documents, and nothing of people."""
        return cls(workspace_id=workspace_id, kinds=frozenset({SourceKind.DOCUMENT}), at=at)
