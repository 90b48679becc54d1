from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self, TypedDict, TypeVar
from uuid import UUID

from domain.errors import Conflict, Gone
from domain.ids import MemoryId, UserId, WorkspaceId, new_id
from domain.memories.likeness import digest_of
from domain.memories.metadata import MemoryMetadata, MetadataChanges, checked_tags
from domain.memories.tiers import MemoryRetention, Tier
from domain.text import text

Kept = TypeVar("Kept", bound="Memory")

CONTENT_LENGTH = 10_000
RESTORABLE = timedelta(days=30)
"""How long what was deleted can be restored."""


class MemoryDeleted(Gone):
    """The memory is deleted; it can be restored for 30 days."""

    code = "memory_deleted"
    detail = "The memory is deleted. Undo the deletion to have it back."


class NothingToUndo(Conflict):
    """The memory has only ever been what it is, or what it was is not kept any more."""

    code = "nothing_to_undo"
    detail = "There is nothing to undo."


class MemoryExists(Conflict):
    """The owner has a memory of the same words."""

    code = "memory_exists"
    detail = "You have a memory of the same words already."


class MemorySourceType(StrEnum):
    """Where a memory comes from."""

    MESSAGE = "message"
    RUN = "run"
    USER = "user"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class MemorySource:
    """Where a memory comes from, and which one it is; a user's and an import's have no id."""

    type: MemorySourceType = MemorySourceType.USER
    id: UUID | None = None


class Change(StrEnum):
    """What made a version of a memory."""

    ADDED = "added"
    EDITED = "edited"
    SUPERSEDED = "superseded"
    DELETED = "deleted"
    PRUNED = "pruned"
    UNDONE = "undone"


class MemoryChanges(TypedDict, total=False):
    """The fields of a memory a person writes; None empties the tags and the metadata.

    A whole `MemoryMetadata` takes the place of the one before; changes of it leave the rest as it is.
    """

    content: str
    tier: Tier
    tags: list[str] | None
    metadata: MemoryMetadata | MetadataChanges | None
    shared: bool
    pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Something worth knowing later, of one user in one workspace.

    Each version of it is kept: that serves history, undo, superseding and restoring.

    Attributes:
        content: 1 to 10,000 characters.
        shared: whether all members of the workspace find it; else its owner alone does.
        pinned: kept although its tier's time is over.
        superseded_by: the memory that says what is true now instead; such a one is kept, but not recalled.
        similar_to: an earlier memory that says nearly the same.
        expires_at: when its tier's time is over; None is never.
        deleted_at: since when it is deleted; from 30 days later it is gone.
        change: what made this version. undoes: the version it is equal to, when an undo made it.
        access_count: how often it was recalled. last_accessed_at: when last. Neither makes a version.
    """

    id: MemoryId
    workspace_id: WorkspaceId
    owner_id: UserId
    tier: Tier
    content: str
    tags: tuple[str, ...] = ()
    metadata: MemoryMetadata = field(default_factory=MemoryMetadata)
    source: MemorySource = field(default_factory=MemorySource)
    shared: bool = False
    pinned: bool = False
    digest: bytes
    superseded_by: MemoryId | None = None
    similar_to: MemoryId | None = None
    expires_at: datetime | None = None
    deleted_at: datetime | None = None
    change: Change = Change.ADDED
    undoes: int | None = None
    access_count: int = 0
    last_accessed_at: datetime | None = None
    version: int = 1
    created_at: datetime
    updated_at: datetime

    @classmethod
    def added(
        cls,
        workspace_id: WorkspaceId,
        owner_id: UserId,
        fields: MemoryChanges,
        retention: MemoryRetention,
        at: datetime,
        *,
        source: MemorySource | None = None,
    ) -> Self:
        """A new memory, of the personal tier unless `fields` say otherwise.

        Raises:
            Invalid: a field cannot be taken, or the content is missing.
        """
        blank = cls(
            id=MemoryId(new_id(at)),
            workspace_id=workspace_id,
            owner_id=owner_id,
            tier=Tier.PERSONAL,
            content="",
            digest=b"",
            source=source or MemorySource(),
            created_at=at,
            updated_at=at,
        )
        whole: MemoryChanges = {"content": "", **fields}
        return replace(blank.edited(whole, retention, at), change=Change.ADDED)

    @property
    def live(self) -> bool:
        """Whether it can be found: neither deleted nor superseded."""
        return self.deleted_at is None and self.superseded_by is None

    def expired(self, at: datetime) -> bool:
        """Whether its tier's time is over."""
        return self.expires_at is not None and self.expires_at <= at

    def redated(self, retention: MemoryRetention) -> Self:
        """The memory, whose tier's time goes by this retention; that is no change of it."""
        return replace(self, expires_at=retention.expiry(self.tier, self.created_at, pinned=self.pinned))

    def rescued(self, at: datetime) -> Self:
        """The memory, pinned when its tier's time is over: else the clock would take what was just restored."""
        return replace(self, pinned=True, expires_at=None) if self.expired(at) else self

    def edited(self, changes: MemoryChanges, retention: MemoryRetention, at: datetime) -> Self:
        """The memory with these fields changed.

        Raises:
            MemoryDeleted: it is deleted. Invalid: naming a field that cannot be taken.
        """
        if self.deleted_at is not None:
            raise MemoryDeleted
        edited = self
        if "content" in changes:
            content = text(changes["content"], at="/content", least=1, most=CONTENT_LENGTH)
            similar_to = edited.similar_to if content == edited.content else None
            edited = replace(edited, content=content, digest=digest_of(content), similar_to=similar_to)
        if "tags" in changes:
            edited = replace(edited, tags=checked_tags(changes["tags"] or []))
        if "metadata" in changes:
            edited = replace(edited, metadata=_metadata(edited.metadata, changes["metadata"]))
        edited = replace(
            edited,
            tier=changes.get("tier", edited.tier),
            shared=changes.get("shared", edited.shared),
            pinned=changes.get("pinned", edited.pinned),
        )
        return self._become(edited.redated(retention), Change.EDITED, at)

    def superseded(self, by: MemoryId, at: datetime) -> Self:
        """The memory, told by another what is true now.

        Raises:
            MemoryDeleted: it is deleted.
        """
        if self.deleted_at is not None:
            raise MemoryDeleted
        return self._become(replace(self, superseded_by=by), Change.SUPERSEDED, at)

    def true_again(self, at: datetime) -> Self:
        """The memory, which no other supersedes any more.

        Raises:
            MemoryDeleted: it is deleted.
        """
        if self.deleted_at is not None:
            raise MemoryDeleted
        return self._become(replace(self, superseded_by=None), Change.EDITED, at)

    def deleted(self, at: datetime) -> Self:
        """The memory, deleted by somebody; as it is, when it is deleted already."""
        return self._become(replace(self, deleted_at=self.deleted_at or at), Change.DELETED, at)

    def pruned(self, at: datetime) -> Self:
        """The memory, deleted since nobody will need it.

        Raises:
            ValueError: it is personal: those are never pruned.
        """
        if self.tier is Tier.PERSONAL:
            raise ValueError("Personal memories are never pruned.")
        return self._become(replace(self, deleted_at=self.deleted_at or at), Change.PRUNED, at)

    def undone(self, history: Sequence[Self], at: datetime) -> Self:
        """The memory as it was before its last change, as a new version; `history` has those that are kept.

        What was undone is not undone once more: several undos go back through the changes one by one.

        Raises:
            NothingToUndo: it was never different, or longer ago than versions are kept.
        """
        before = _before(self.version, history)
        if before is None:
            raise NothingToUndo
        restored = replace(
            before,
            access_count=self.access_count,
            last_accessed_at=self.last_accessed_at,
            version=self.version,
            undoes=before.version,
        )
        return replace(restored, change=Change.UNDONE, updated_at=at)

    def _become(self, changed: Self, change: Change, at: datetime) -> Self:
        return self if changed == self else replace(changed, change=change, updated_at=at, undoes=None)


def _metadata(before: MemoryMetadata, given: MemoryMetadata | MetadataChanges | None) -> MemoryMetadata:
    if given is None:
        return MemoryMetadata()
    return (given if isinstance(given, MemoryMetadata) else before.merged(given)).checked()


def _before(version: int, history: Sequence[Kept]) -> Kept | None:
    """The version that an undo of `version` leads back to: one lower, or than the one that undos had led to."""
    versions = {each.version: each for each in history}
    while (reached := versions.get(version)) is not None and reached.undoes is not None:
        version = reached.undoes
    return versions.get(version - 1)
