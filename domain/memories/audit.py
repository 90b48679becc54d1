"""What a look over somebody's memories finds, that they may want to tidy up."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple, Self

from domain.ids import MemoryId
from domain.memories.likeness import ALIKE, likeness, shingles
from domain.memories.memory import MemorySourceType
from domain.memories.tiers import Tier
from domain.words import words

UNRECALLED = timedelta(days=30)
"""A memory that is older and was never recalled may not be worth keeping."""
EXPIRING = timedelta(days=7)
"""A memory that expires within this time may want to be pinned."""
_SHARED, _BOTH = (Fraction(str(ALIKE)) / (1 + Fraction(str(ALIKE)))).as_integer_ratio()
_BITS = 2_048
_TALKED = frozenset({MemorySourceType.MESSAGE, MemorySourceType.RUN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What of a memory is looked at; a long content may be cut."""

    id: MemoryId
    tier: Tier
    content: str
    source_type: MemorySourceType
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicate:
    """A memory that says nearly what an earlier one says; `likeness` is 0.8 to 1."""

    memory: Examined
    of: Examined
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A memory from a conversation with no word that an earlier one does not have: something remembered again."""

    memory: Examined
    of: Examined


def near_duplicates(memories: Iterable[Examined]) -> Iterator[NearDuplicate]:
    """Those whose likeness to an earlier one is `ALIKE` or more, each with the earliest such; the oldest first."""
    inorder = sorted(memories, key=_age)
    seen: list[_Print] = []
    for memory in inorder:
        own = _Print.of(memory.content)
        for place in own.candidates(seen):
            alike = likeness(inorder[place].content, memory.content)
            if alike >= ALIKE:
                yield NearDuplicate(memory=memory, of=inorder[place], likeness=alike)
                break
        seen.append(own)


class _Print(NamedTuple):
    """The shingles of a content as a bitmap, which tells in less than a microsecond most pairs that are not alike.

    Jaccard's coefficient reaches t when the two share t / (1 + t) of what they have together. They share at most the
    bits that both have, and those shingles that have no bit of their own. So none that are alike are missed.

    Attributes:
        spare: how many shingles have no bit of their own.
    """

    size: int
    bits: int
    spare: int

    @classmethod
    def of(cls, content: str) -> Self:
        bits, found = 0, shingles(content)
        for shingle in found:
            bits |= 1 << hash(shingle) % _BITS
        return cls(len(found), bits, len(found) - bits.bit_count())

    def candidates(self, others: Sequence[Self]) -> Iterator[int]:
        """The places of those that may be alike, in order."""
        own, least = self.bits, _SHARED * self.size - _BOTH * self.spare
        return (
            place
            for place, (size, bits, _) in enumerate(others)
            if _BOTH * (own & bits).bit_count() >= least + _SHARED * size
        )


def echoes(memories: Iterable[Examined]) -> Iterator[Echo]:
    """Those from a conversation that only repeat, each with the earliest memory that has all their words, by age."""
    inorder = sorted(memories, key=_age)
    sets = [frozenset(words(memory.content)) for memory in inorder]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, (memory, own) in enumerate(zip(inorder, sets, strict=True)):
        if memory.source_type in _TALKED and own:
            rarest = min((holders[word] for word in own), key=len)
            of = next((other for other in rarest if own <= sets[other]), None)
            if of is not None:
                yield Echo(memory=memory, of=inorder[of])
        for word in own:
            holders[word].append(place)


def _age(memory: Examined) -> tuple[datetime, MemoryId]:
    return memory.created_at, memory.id
