from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from application.ports.memories import Memories
from application.ports.unit_of_work import UnitOfWork
from domain.activity import Event
from domain.ids import CollectionId, MemoryId, UserId, WorkspaceId
from domain.memories import Collection, CollectionKind
from domain.pages import Page


class Collections(Protocol):
    """Memories that belong together, as their owners have put them.

    The `memory_ids` of a collection are those of memories that are not deleted. One that is deleted keeps its place,
    and has it again when its deletion is undone.
    """

    async def add(self, collection: Collection, because: Event) -> None:
        """Stores a new collection, which holds nothing.

        Raises:
            CollectionExists: its owner has one of this name in the workspace.
        """
        ...

    async def number_of(self, workspace_id: WorkspaceId, owner_id: UserId) -> int:
        """How many the owner has in the workspace; other such callers for them wait until the unit ends."""
        ...

    async def lock(self, collection_id: CollectionId) -> Collection:
        """The collection, which nobody else changes until the unit ends.

        Raises:
            NotFound: there is none.
        """
        ...

    async def named(self, workspace_id: WorkspaceId, owner_id: UserId, name: str) -> Collection | None:
        """The owner's collection of this name in the workspace, locked, or None."""
        ...

    async def of_names(
        self, workspace_id: WorkspaceId, owner_id: UserId, names: AbstractSet[str]
    ) -> Sequence[Collection]:
        """The owner's collections of these names in the workspace, locked in the order of their ids."""
        ...

    async def save(self, collection: Collection, because: Event) -> Collection:
        """Replaces the version that was locked, and returns what is stored now, its version raised by one.

        Raises:
            CollectionExists: its owner has another one of this name in the workspace.
            NotFound: a memory that it is to hold is gone.
        """
        ...

    async def remove(self, collection: Collection, because: Event) -> None:
        """The collection that was locked is gone; its memories stay."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionView:
    """A collection as its owner sees it, with the ids of the memories it holds, in order."""

    id: CollectionId
    workspace_id: WorkspaceId
    owner_id: UserId
    kind: CollectionKind
    name: str
    description: str
    memory_ids: Sequence[MemoryId]
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, collection: Collection) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=collection.id,
            workspace_id=collection.workspace_id,
            owner_id=collection.owner_id,
            kind=collection.kind,
            name=collection.name,
            description=collection.description,
            memory_ids=collection.memory_ids,
            version=collection.version,
            created_at=collection.created_at,
            updated_at=collection.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionSummaryView:
    """A collection in a list: how many memories it holds."""

    id: CollectionId
    workspace_id: WorkspaceId
    owner_id: UserId
    kind: CollectionKind
    name: str
    description: str
    memory_count: int
    version: int
    created_at: datetime
    updated_at: datetime


class CollectionViews(Protocol):
    """Collections, to look at."""

    async def collections(
        self, workspace_id: WorkspaceId, owner_id: UserId, cursor: str | None, limit: int
    ) -> Page[CollectionSummaryView]:
        """The owner's collections in the workspace, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def owned(self, owner_id: UserId, after: CollectionId | None, limit: int) -> Sequence[CollectionView]:
        """Up to `limit` collections of the user, of all workspaces, in the order of their ids, behind `after`."""
        ...

    async def collection(self, collection_id: CollectionId) -> CollectionView | None:
        """The collection, or None."""
        ...


class CollectionsWork(UnitOfWork, Protocol):
    """What use cases of collections touch."""

    collections: Collections
    memories: Memories
