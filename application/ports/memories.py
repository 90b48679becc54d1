from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, Self

from application.ports.jobs import Jobs
from application.ports.memory_profiles import MemoryProfiles
from application.ports.passages import Passages
from application.ports.unit_of_work import UnitOfWork
from application.ports.workspaces import Members
from domain.activity import Event
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import Change, Memory, MemoryMetadata, MemoryRetention, MemorySource, Tier
from domain.pages import Page


class Memories(Protocol):
    """What is remembered, and every version of it."""

    async def add(self, memory: Memory, because: Event | None = None) -> None:
        """Stores a new memory and its first version.

        Raises:
            MemoryExists: its owner has a live memory of the same digest in the workspace; the unit can go on.
            NotFound: there is no such workspace or owner.
        """
        ...

    async def add_all(self, memories: Sequence[Memory]) -> Collection[MemoryId]:
        """As `add` for many; an event of the unit says why, unless none is stored.

        Returns:
            Which of them are stored: the others have the digest of a live one, or of one before them.
        """
        ...

    async def get(self, memory_id: MemoryId) -> Memory:
        """The memory, also when it is deleted.

        Raises:
            NotFound: there is none, or it is gone for good.
        """
        ...

    async def lock(self, memory_id: MemoryId) -> Memory:
        """As `get`, and nobody else changes it until the unit ends.

        Raises:
            NotFound: there is none, or it is gone for good.
        """
        ...

    async def of_digest(self, workspace_id: WorkspaceId, owner_id: UserId, digest: bytes) -> Memory | None:
        """The owner's live memory of this digest in the workspace, or None."""
        ...

    async def of_source(self, workspace_id: WorkspaceId, owner_id: UserId, source: MemorySource) -> Sequence[Memory]:
        """The owner's memories in the workspace that come from there and are not deleted, in the order of their ids.

        Nobody else changes them until the unit ends.
        """
        ...

    async def of_digests(
        self, workspace_id: WorkspaceId, owner_id: UserId, digests: Collection[bytes]
    ) -> Sequence[Memory]:
        """The owner's memories of these digests in the workspace that are not deleted, superseded ones too."""
        ...

    async def save(self, memory: Memory, because: Event | None = None) -> Memory:
        """Replaces the version that was read, and returns what is stored now, its version raised by one.

        What is stored now is kept as a version, too. How often and when it was recalled stays as it is stored.

        Raises:
            EditConflict: it was changed or removed since it was read.
            MemoryExists: its owner has a live memory of the same digest in the workspace.
        """
        ...

    async def history(self, memory_id: MemoryId) -> Sequence[Memory]:
        """The versions that are kept, the first one first, each with its `version`."""
        ...

    async def remove(self, memory: Memory, because: Event | None = None) -> None:
        """The version that was read is gone for good, with all versions of it.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...

    async def recalled(self, memory_ids: Collection[MemoryId], at: datetime) -> None:
        """Those of these memories that are there were recalled once more, at `at`; needs no event, makes no version."""
        ...

    async def link(self, memory_id: MemoryId, similar_to: MemoryId) -> None:
        """The memory, if it is there and has no such link, says nearly the same as `similar_to` from now on.

        It needs no event and makes no version.
        """
        ...

    async def redate(
        self, workspace_id: WorkspaceId, retention: MemoryRetention, after: MemoryId | None, limit: int
    ) -> MemoryId | None:
        """Has the workspace's memories expire by `retention`, and their passages: `limit` at most, which do not yet.

        Those that are not deleted, in the order of their ids, behind `after`; it needs no event and makes no version.

        Returns:
            The last one that it changed; None when none is left behind it.
        """
        ...

    async def unshare(self, workspace_id: WorkspaceId, owner_id: UserId) -> None:
        """The owner's memories in the workspace, and the passages of these, are found by the owner alone from now on.

        An event of the unit says why; it makes no version.
        """
        ...

    async def forget(self, owner_id: UserId) -> None:
        """All memories of the user are gone for good, in all workspaces, and every passage that is theirs.

        An event of the unit says why.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPolicy:
    """How a workspace keeps memories: for how long, and found in which language (BCP 47).

    Attributes:
        version: how often the retention was chosen, counted from 1.
    """

    workspace_id: WorkspaceId
    language: str
    retention: MemoryRetention = field(default_factory=MemoryRetention)
    version: int = 1


class MemoryPolicies(Protocol):
    """How workspaces keep memories; where nobody has chosen, it is as `POLICIES` says."""

    async def get(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        """The policy, which nobody changes until the unit ends: asked before a memory is locked or added.

        Raises:
            NotFound: there is no such workspace.
        """
        ...

    async def lock(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        """As `get`, once nobody else uses it, for one who changes it.

        Raises:
            NotFound: there is no such workspace.
        """
        ...

    async def save(self, policy: MemoryPolicy, because: Event) -> MemoryPolicy:
        """Replaces the version that was locked, and returns what is stored now, its version raised by one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryView:
    """A memory as those who may find it see it.

    Attributes:
        superseded_by: the memory that says what is true now instead. similar_to: an earlier one that says nearly the
            same. Either may be gone.
        deleted_at: since when it is deleted; it can be restored for 30 days.
    """

    id: MemoryId
    workspace_id: WorkspaceId
    owner_id: UserId
    tier: Tier
    content: str
    tags: tuple[str, ...]
    metadata: MemoryMetadata
    source: MemorySource
    shared: bool
    pinned: bool
    access_count: int
    last_accessed_at: datetime | None
    expires_at: datetime | None
    superseded_by: MemoryId | None
    similar_to: MemoryId | None
    deleted_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def live(self) -> bool:
        """Whether it is neither deleted nor superseded."""
        return self.deleted_at is None and self.superseded_by is None

    @classmethod
    def of(cls, memory: Memory) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=memory.id,
            workspace_id=memory.workspace_id,
            owner_id=memory.owner_id,
            tier=memory.tier,
            content=memory.content,
            tags=memory.tags,
            metadata=memory.metadata,
            source=memory.source,
            shared=memory.shared,
            pinned=memory.pinned,
            access_count=memory.access_count,
            last_accessed_at=memory.last_accessed_at,
            expires_at=memory.expires_at,
            superseded_by=memory.superseded_by,
            similar_to=memory.similar_to,
            deleted_at=memory.deleted_at,
            version=memory.version,
            created_at=memory.created_at,
            updated_at=memory.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryVersionView:
    """What a memory was.

    Attributes:
        number: of the version, from 1.
        change: what made it, at `at`. undoes: the version it is equal to, when an undo made it.
    """

    number: int
    change: Change
    undoes: int | None
    at: datetime
    tier: Tier
    content: str
    tags: tuple[str, ...]
    metadata: MemoryMetadata
    shared: bool
    pinned: bool
    expires_at: datetime | None
    superseded_by: MemoryId | None
    deleted_at: datetime | None

    @classmethod
    def of(cls, memory: Memory) -> Self:
        """The view of a version."""
        return cls(
            number=memory.version,
            change=memory.change,
            undoes=memory.undoes,
            at=memory.updated_at,
            tier=memory.tier,
            content=memory.content,
            tags=memory.tags,
            metadata=memory.metadata,
            shared=memory.shared,
            pinned=memory.pinned,
            expires_at=memory.expires_at,
            superseded_by=memory.superseded_by,
            deleted_at=memory.deleted_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFilter:
    """Which memories of a workspace are listed; None leaves a filter out.

    Attributes:
        reader_id: who looks: their own are listed, and those that others share.
        q: what the content holds, whatever its case.
        superseded: whether those are listed of which another says what is true now.
        deleted_after: whether those of the reader's own are listed that were deleted after that time.
    """

    reader_id: UserId
    tier: Tier | None = None
    tag: str | None = None
    shared: bool | None = None
    q: str | None = None
    superseded: bool = False
    deleted_after: datetime | None = None


class MemoryViews(Protocol):
    """Memories, to look at; who may see them is for the caller to decide, except where a filter names the reader."""

    async def memory(self, memory_id: MemoryId) -> MemoryView | None:
        """The memory, also when it is deleted, or None."""
        ...

    async def several(self, memory_ids: Collection[MemoryId]) -> Sequence[MemoryView]:
        """Those of these memories that are there, in any order."""
        ...

    async def memories(
        self, workspace_id: WorkspaceId, only: MemoryFilter, cursor: str | None, limit: int
    ) -> Page[MemoryView]:
        """The workspace's memories that pass the filter, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def versions(self, memory_id: MemoryId, cursor: str | None, limit: int) -> Page[MemoryVersionView]:
        """What the memory is and was, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def owned(
        self, owner_id: UserId, workspace_id: WorkspaceId | None, after: MemoryId | None, limit: int
    ) -> Sequence[MemoryView]:
        """Up to `limit` memories of the user, in whatever state, in the order of their ids, behind `after`.

        Of all workspaces when `workspace_id` is None.
        """
        ...

    async def policy(self, workspace_id: WorkspaceId) -> MemoryPolicy | None:
        """How the workspace keeps memories, or None when there is no such workspace."""
        ...


class MemoriesWork(UnitOfWork, Protocol):
    """What use cases of memories touch."""

    members: Members
    memories: Memories
    memory_policies: MemoryPolicies
    memory_profiles: MemoryProfiles
    passages: Passages
    jobs: Jobs
