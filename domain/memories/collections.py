from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self, TypedDict

from domain.errors import Conflict, Fault, Invalid
from domain.ids import CollectionId, MemoryId, UserId, WorkspaceId, new_id
from domain.text import text

MOST_COLLECTIONS = 200
MOST_MEMORIES = 1_000


class CollectionExists(Conflict):
    """The owner has a collection of this name."""

    code = "collection_exists"
    detail = "You have a collection of this name already."


class TooManyCollections(Conflict):
    """The owner has as many collections as one may have in a workspace."""

    code = "too_many"
    detail = f"You can have {MOST_COLLECTIONS} collections in a workspace. Remove one first."


class CollectionFull(Conflict):
    """The collection holds as many memories as one may."""

    code = "collection_full"
    detail = f"A collection may hold {MOST_MEMORIES} memories. Remove one first."


def check_collections(present: int) -> None:
    """Nothing, when an owner of so many may have one more in the workspace.

    Raises:
        TooManyCollections: they have `MOST_COLLECTIONS`.
    """
    if present >= MOST_COLLECTIONS:
        raise TooManyCollections


class CollectionKind(StrEnum):
    """What a collection is for."""

    GOAL = "goal"
    PREFERENCES = "preferences"
    STRESSOR_LOG = "stressor_log"
    FREE = "free"


class CollectionFields(TypedDict, total=False):
    """The fields of a collection a person writes."""

    kind: CollectionKind
    name: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Memories of one user that belong together, in an order; a memory may be in several.

    Attributes:
        name: 1 to 200 characters, one of a kind among the owner's in the workspace.
        memory_ids: what it holds, in order.
    """

    id: CollectionId
    workspace_id: WorkspaceId
    owner_id: UserId
    kind: CollectionKind
    name: str
    description: str = ""
    memory_ids: tuple[MemoryId, ...] = ()
    version: int = 1
    created_at: datetime
    updated_at: datetime

    @classmethod
    def created(cls, workspace_id: WorkspaceId, owner_id: UserId, fields: CollectionFields, at: datetime) -> Self:
        """A new collection without memories.

        Raises:
            Invalid: a field cannot be taken, or the name is missing.
        """
        blank = cls(
            id=CollectionId(new_id(at)),
            workspace_id=workspace_id,
            owner_id=owner_id,
            kind=CollectionKind.FREE,
            name="",
            created_at=at,
            updated_at=at,
        )
        whole: CollectionFields = {"name": "", **fields}
        return blank.edited(whole, at)

    def edited(self, fields: CollectionFields, at: datetime) -> Self:
        """The collection with these fields changed.

        Raises:
            Invalid: a field cannot be taken.
        """
        edited = replace(self, kind=fields.get("kind", self.kind))
        if "name" in fields:
            edited = replace(edited, name=text(fields["name"], at="/name", least=1, most=200))
        if "description" in fields:
            description = text(fields["description"] or "", at="/description", most=2_000)
            edited = replace(edited, description=description)
        return edited if edited == self else replace(edited, updated_at=at)

    def holding(self, memory_id: MemoryId, at: datetime) -> Self:
        """The collection with the memory at its end; unchanged when it holds it.

        Raises:
            CollectionFull: there is no room.
        """
        if memory_id in self.memory_ids:
            return self
        if len(self.memory_ids) >= MOST_MEMORIES:
            raise CollectionFull
        return replace(self, memory_ids=(*self.memory_ids, memory_id), updated_at=at)

    def without(self, memory_id: MemoryId, at: datetime) -> Self:
        """The collection without the memory; unchanged when it does not hold it."""
        if memory_id not in self.memory_ids:
            return self
        return replace(self, memory_ids=tuple(each for each in self.memory_ids if each != memory_id), updated_at=at)

    def ordered(self, memory_ids: Sequence[MemoryId], at: datetime) -> Self:
        """The collection with its memories in this order.

        Raises:
            Invalid: these are not exactly the memories it holds.
        """
        if sorted(memory_ids) != sorted(self.memory_ids):
            fault = Fault("/ids", "not_the_set", "Send each memory of the collection exactly once.")
            raise Invalid(fault)
        return (
            self if tuple(memory_ids) == self.memory_ids else replace(self, memory_ids=tuple(memory_ids), updated_at=at)
        )
