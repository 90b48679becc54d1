from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from domain.ids import MemoryId
from domain.memories.likeness import ALIKE, likeness
from domain.memories.memory import Memory
from domain.memories.tiers import Tier

PROFILE_LENGTH = 1_200
STABLE_LENGTH = 800
LINE_LENGTH = 200
RECENT = timedelta(days=14)
CONSIDERED = 100
"""How many memories are considered for each part: more than fit, near duplicates and long ones aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileLine:
    """What a memory says, or its beginning, on one line of at most 200 characters."""

    memory_id: MemoryId
    text: str

    @classmethod
    def of(cls, memory_id: MemoryId, content: str) -> Self:
        """The line of a memory."""
        return cls(memory_id=memory_id, text=clipped(content, LINE_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryProfile:
    """What to know of a user before anything is asked: all lines together have at most 1,200 characters.

    Attributes:
        stable: what they are and like. recent: what they have said of late, the newest first.
    """

    stable: tuple[ProfileLine, ...] = ()
    recent: tuple[ProfileLine, ...] = ()

    @classmethod
    def chosen(cls, memories: Sequence[Memory], at: datetime) -> Self:
        """The profile of the one user whose memories these are.

        Stable are personal ones, by `standing`, up to 800 characters; recent are others of the last 14 days, as far as
        there is room; of each the first 100 are considered. What is deleted, superseded or expired is in neither, and
        of near duplicates one.
        """
        living = [memory for memory in memories if memory.live and not memory.expired(at)]
        stable = sorted((each for each in living if each.tier is Tier.PERSONAL), key=standing)
        recent = sorted((each for each in living if is_recent(each.created_at, at)), key=newest)
        return cls.of(stable=map(_line, stable[:CONSIDERED]), recent=map(_line, recent[:CONSIDERED]))

    @classmethod
    def of(cls, *, stable: Iterable[ProfileLine], recent: Iterable[ProfileLine]) -> Self:
        """The profile made of these lines, as far as there is room; the first ones first, and none twice."""
        kept = _fitting(stable, (), STABLE_LENGTH)
        left = PROFILE_LENGTH - sum(len(line.text) for line in kept)
        return cls(stable=kept, recent=_fitting(recent, kept, left))


def standing(memory: Memory) -> tuple[object, ...]:
    """The sort key by which pinned and often recalled memories come first, then newer ones."""
    return not memory.pinned, -memory.access_count, *newest(memory)


def newest(memory: Memory) -> tuple[float, int]:
    """The sort key by which newer memories come first."""
    return -memory.created_at.timestamp(), -memory.id.int


def is_recent(created_at: datetime, at: datetime) -> bool:
    """Whether a memory of this age is of late."""
    return created_at > at - RECENT


def clipped(content: str, most: int) -> str:
    """The content on one line; of one that is longer than `most`, the beginning up to a word's end, and an ellipsis."""
    line = " ".join(content.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    whole = cut if line[most - 1] == " " else cut.rpartition(" ")[0]
    return f"{whole or cut}…"


def _line(memory: Memory) -> ProfileLine:
    return ProfileLine.of(memory.id, memory.content)


def _fitting(lines: Iterable[ProfileLine], others: Sequence[ProfileLine], most: int) -> tuple[ProfileLine, ...]:
    kept: list[ProfileLine] = []
    for line in lines:
        if len(line.text) <= most and not any(_repeats(line, other) for other in (*others, *kept)):
            kept.append(line)
            most -= len(line.text)
    return tuple(kept)


def _repeats(line: ProfileLine, other: ProfileLine) -> bool:
    return line.memory_id == other.memory_id or likeness(line.text, other.text) >= ALIKE
