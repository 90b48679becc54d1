import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Self, TypeVar

from application.ports.clock import Clock
from application.ports.memory_audit import MemoryAuditViews
from domain.access import Caller, Permission
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import (
    EXPIRING,
    UNRECALLED,
    Echo,
    Examined,
    NearDuplicate,
    Tier,
    clipped,
    echoes,
    near_duplicates,
)

MOST_COMPARED = 1_000
"""How many of the newest memories are compared with each other."""
MOST_FINDINGS = 50
EXCERPT_LENGTH = 160

Finding = TypeVar("Finding")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryExcerpt:
    """A memory by the beginning of what it says, at most 160 characters on one line."""

    id: MemoryId
    tier: Tier
    excerpt: str
    created_at: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, memory: Examined) -> Self:
        """The excerpt of what was looked at."""
        return cls(
            id=memory.id,
            tier=memory.tier,
            excerpt=clipped(memory.content, EXCERPT_LENGTH),
            created_at=memory.created_at,
            expires_at=memory.expires_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateFinding:
    """A memory, and the earlier one `of` which it is a near duplicate; `likeness` is 0.8 to 1."""

    memory: MemoryExcerpt
    of: MemoryExcerpt
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoFinding:
    """A memory from a conversation, and the earlier one `of` which it only repeats words."""

    memory: MemoryExcerpt
    of: MemoryExcerpt


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryAudit:
    """What one may want to tidy up among one's memories: at most 50 of each kind.

    Attributes:
        compared: how many of the newest memories were compared for duplicates and echoes, at most 1,000, long ones by
            their first 1,000 characters.
        never_recalled: older than 30 days, the oldest first.
        expiring: within 7 days, the soonest first.
    """

    compared: int
    duplicates: Sequence[DuplicateFinding]
    echoes: Sequence[EchoFinding]
    never_recalled: Sequence[MemoryExcerpt]
    expiring: Sequence[MemoryExcerpt]


@dataclass(frozen=True, slots=True)
class AuditMemories:
    """Looks over one's own memories in a workspace, and changes nothing."""

    views: MemoryAuditViews
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> MemoryAudit:
        """What there is to tidy up.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.MEMORY_READ, workspace_id)
        now, owner_id = self.clock.now(), UserId(caller.actor.id)
        unused = await self.views.never_recalled(workspace_id, owner_id, now - UNRECALLED, MOST_FINDINGS)
        expiring = await self.views.expiring(workspace_id, owner_id, now, now + EXPIRING, MOST_FINDINGS)
        newest = await self.views.newest(workspace_id, owner_id, MOST_COMPARED)
        duplicates, repeated = await asyncio.to_thread(_compared, newest)
        return MemoryAudit(
            compared=len(newest),
            duplicates=duplicates,
            echoes=repeated,
            never_recalled=[MemoryExcerpt.of(memory) for memory in unused],
            expiring=[MemoryExcerpt.of(memory) for memory in expiring],
        )


def _compared(memories: Sequence[Examined]) -> tuple[list[DuplicateFinding], list[EchoFinding]]:
    duplicates = [_duplicate(found) for found in _first(near_duplicates(memories))]
    return duplicates, [_echo(found) for found in _first(echoes(memories))]


def _first(found: Iterator[Finding]) -> Iterator[Finding]:
    return islice(found, MOST_FINDINGS)


def _duplicate(found: NearDuplicate) -> DuplicateFinding:
    memory, of = MemoryExcerpt.of(found.memory), MemoryExcerpt.of(found.of)
    return DuplicateFinding(memory=memory, of=of, likeness=round(found.likeness, 3))


def _echo(found: Echo) -> EchoFinding:
    return EchoFinding(memory=MemoryExcerpt.of(found.memory), of=MemoryExcerpt.of(found.of))
