"""Which memories nobody will need any more."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.memories.memory import Memory
from domain.memories.tiers import Tier

UNUSED = timedelta(days=90)
"""How long a superseded memory is kept after it was last recalled or changed."""


class PruneReason(StrEnum):
    """Why a memory is pruned."""

    EXPIRED = "expired"
    SUPERSEDED = "superseded"


def prune_reason(memory: Memory, at: datetime) -> PruneReason | None:
    """Why the memory is to be pruned at `at`; None when it is to be kept.

    Personal and pinned memories are always kept. Others go when their tier's time is over, or when another has said for
    90 days what is true now and nobody has asked for the old one since.
    """
    if memory.tier is Tier.PERSONAL or memory.pinned or memory.deleted_at is not None:
        return None
    if memory.expired(at):
        return PruneReason.EXPIRED
    used = max(memory.updated_at, memory.last_accessed_at or memory.updated_at)
    if memory.superseded_by is not None and used + UNUSED <= at:
        return PruneReason.SUPERSEDED
    return None
