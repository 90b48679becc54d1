from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from domain.activity import Event
from domain.actors import Actor, Subject
from domain.ids import CollectionId, ConversationId, MemoryId
from domain.memories.collections import Collection
from domain.memories.memory import Memory
from domain.memories.pruning import PruneReason
from domain.memories.tiers import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEvent(Event):
    """Something happened to a memory; what it says is never told."""

    memory_id: MemoryId
    tier: Tier

    @property
    def subject(self) -> Subject:
        return Subject("memory", self.memory_id)

    @classmethod
    def of(cls, memory: Memory, *, by: Actor, at: datetime) -> Self:
        """What `by` did to the memory."""
        return cls(
            workspace_id=memory.workspace_id,
            actor=by,
            at=at,
            told_to=None if memory.shared else memory.owner_id,
            memory_id=memory.id,
            tier=memory.tier,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryAdded(MemoryEvent):
    """It is remembered from now on."""

    type: ClassVar[str] = "memory.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEdited(MemoryEvent):
    """Some of its fields, named here, changed."""

    type: ClassVar[str] = "memory.edited"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySuperseded(MemoryEvent):
    """Another memory says what is true now."""

    type: ClassVar[str] = "memory.superseded"
    superseded_by: MemoryId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRemoved(MemoryEvent):
    """It is deleted, and can be restored for a while, unless it was deleted for good."""

    type: ClassVar[str] = "memory.removed"
    for_good: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPruned(MemoryEvent):
    """It was deleted by the clock, for a reason, and can be restored for a while."""

    type: ClassVar[str] = "memory.pruned"
    reason: PruneReason = PruneReason.EXPIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryChangeUndone(MemoryEvent):
    """It is again what it was before its last change."""

    type: ClassVar[str] = "memory.undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoriesImported(Event):
    """Memories came from a file."""

    type: ClassVar[str] = "memory.imported"
    imported: int

    @property
    def subject(self) -> Subject:
        return Subject("workspace", self.workspace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRetentionEdited(Event):
    """The workspace keeps memories for another time."""

    type: ClassVar[str] = "memory.retention_edited"
    project_days: int | None
    task_days: int | None

    @property
    def subject(self) -> Subject:
        return Subject("workspace", self.workspace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionEvent(Event):
    """Something happened to a collection of memories."""

    collection_id: CollectionId

    @property
    def subject(self) -> Subject:
        return Subject("collection", self.collection_id)

    @classmethod
    def of(cls, collection: Collection, *, by: Actor, at: datetime) -> Self:
        """What `by` did to the collection; nobody but its owner knows of it."""
        owner_id = collection.owner_id
        return cls(workspace_id=collection.workspace_id, actor=by, at=at, told_to=owner_id, collection_id=collection.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionCreated(CollectionEvent):
    """Memories can be put into it."""

    type: ClassVar[str] = "collection.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionEdited(CollectionEvent):
    """Its name, what it is for, or which memories it holds in which order, changed."""

    type: ClassVar[str] = "collection.edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionRemoved(CollectionEvent):
    """It is gone; its memories stay."""

    type: ClassVar[str] = "collection.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRemembered(Event):
    """What a user and their companion said is findable, and so many memories came of it."""

    type: ClassVar[str] = "conversation.remembered"
    conversation_id: ConversationId
    added: int
    superseded: int

    @property
    def subject(self) -> Subject:
        return Subject("conversation", self.conversation_id)
