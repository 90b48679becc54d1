"""Seals over the activity: whoever changes, removes or adds a row in the database breaks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from uuid import UUID

from domain.ids import WorkspaceId

SEALED_AT_ONCE = 5_000
"""The most rows of one seal, which bounds the memory of whoever makes or verifies it."""
FIRST_DIGEST = bytes(32)
"""What stands for the seal before the first one."""
_FORM = b"flightdeck seal 1"
_ABSENT = bytes(32)
_NO_TEXT = b"\xff\xff\xff\xff"
_MARK = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the activity as it is stored, whatever is in it.

    Attributes:
        at: seconds since the Unix epoch with six decimals.
        data: JSON as the store writes it, which is always the same text for the same value.
    """

    workspace_id: WorkspaceId
    number: int
    type: str
    actor_type: str
    actor_id: UUID
    subject_type: str
    subject_id: UUID
    at: str
    causation_id: str | None
    data: str

    @property
    def digest(self) -> bytes:
        """SHA-256 over every column, each with its length before it, so that no two rows give the same bytes."""
        columns = (
            self.workspace_id.bytes,
            _number(self.number),
            self.type.encode(),
            self.actor_type.encode(),
            self.actor_id.bytes,
            self.subject_type.encode(),
            self.subject_id.bytes,
            self.at.encode(),
            None if self.causation_id is None else self.causation_id.encode(),
            self.data.encode(),
        )
        written = (_NO_TEXT if each is None else len(each).to_bytes(4) + each for each in columns)
        return sha256(b"".join(written)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The proof that these rows of a workspace were such when it was made.

    Attributes:
        number: counts the workspace's seals from 1 without gaps.
        first, last: the numbers of its rows, at most `SEALED_AT_ONCE`.
        previous: the digest of the seal before, or `FIRST_DIGEST`.
        digest: SHA-256 over all of this and the digest of each row.
        marks: the first 8 bytes of each row's digest; they prove nothing, and tell which row it is that was changed.
    """

    workspace_id: WorkspaceId
    number: int
    first: int
    last: int
    previous: bytes
    digest: bytes
    marks: bytes
    sealed_at: datetime


class Thing(StrEnum):
    """What a fault is of; the count is the row that numbers the activity of a workspace."""

    ROW = "row"
    SEAL = "seal"
    COUNT = "count"


class FaultKind(StrEnum):
    """What was done to rows or seals."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What does not fit.

    Attributes:
        first, last: the numbers of rows or seals, both included.
    """

    kind: FaultKind
    first: int
    last: int
    thing: Thing = Thing.ROW

    def __str__(self) -> str:
        thing, many = self.thing, self.last > self.first
        if thing is Thing.COUNT:
            return f"the count of rows was changed: it is below {self.first}"
        verb = ("are" if many else "is") if self.kind is FaultKind.MISSING else ("were" if many else "was")
        which = f"{thing}s {self.first} to {self.last}" if many else f"{thing} {self.first}"
        return f"{which} {verb} {self.kind}"


def seal(
    workspace_id: WorkspaceId, entries: Sequence[Entry], *, first: int, last: int, previous: Seal | None, at: datetime
) -> Seal:
    """The next seal, over the rows `first` to `last`; a number without an entry is sealed as missing."""
    digests = _digests(entries, first, last)
    made = Seal(
        workspace_id=workspace_id,
        number=previous.number + 1 if previous else 1,
        first=first,
        last=last,
        previous=previous.digest if previous else FIRST_DIGEST,
        digest=b"",
        marks=b"".join(digest[:_MARK] for digest in digests),
        sealed_at=at,
    )
    return replace(made, digest=_digest(made, digests))


def check(found: Seal, entries: Sequence[Entry], previous: Seal | None) -> Sequence[Fault]:
    """What is wrong with a seal and the rows of its numbers, given the seal that is stored before it.

    A link that is broken while the later seal fits itself is told as a change of the earlier one: somebody made it anew
    to fit other rows.
    """
    expected, first = (previous.number + 1, previous.last + 1) if previous else (1, 1)
    if found.number < expected:
        return [_of_seal(FaultKind.ADDED, found.number)]
    if found.number == expected and found.first != first:
        return [_of_seal(FaultKind.CHANGED, found.number)]
    faults = _in_itself(found, entries)
    if found.number > expected:
        gap = Fault(kind=FaultKind.MISSING, first=expected, last=found.number - 1, thing=Thing.SEAL)
        return [gap, *faults]
    linked = found.previous == (previous.digest if previous else FIRST_DIGEST)
    if not linked and all(fault.thing is Thing.ROW for fault in faults):
        return [_of_seal(FaultKind.CHANGED, previous.number if previous else found.number), *faults]
    return faults


def behind(numbers: Sequence[int]) -> Sequence[Fault]:
    """The faults of rows that are beyond the count, or before the first."""
    return _grouped(dict.fromkeys(numbers, FaultKind.ADDED))


def absent(entries: Sequence[Entry], first: int, last: int) -> Sequence[Fault]:
    """The rows `first` to `last` that are not among the entries."""
    present = {entry.number for entry in entries}
    return _grouped({number: FaultKind.MISSING for number in range(first, last + 1) if number not in present})


def _in_itself(found: Seal, entries: Sequence[Entry]) -> Sequence[Fault]:
    size = found.last - found.first + 1
    changed = [_of_seal(FaultKind.CHANGED, found.number)]
    if not (0 < size <= SEALED_AT_ONCE and len(found.marks) == size * _MARK):
        return changed
    digests = _digests(entries, found.first, found.last)
    marks = (found.marks[at : at + _MARK] for at in range(0, len(found.marks), _MARK))
    pairs = enumerate(zip(digests, marks, strict=True), found.first)
    faults = _grouped({number: kind for number, (digest, mark) in pairs if (kind := _kind(digest, mark))})
    intact = _digest(found, digests) == found.digest
    blamed = any(fault.kind is not FaultKind.MISSING for fault in faults) if intact else not faults
    return changed if blamed else faults


def _kind(digest: bytes, mark: bytes) -> FaultKind | None:
    if digest == _ABSENT:
        return FaultKind.MISSING
    if digest[:_MARK] == mark:
        return None
    return FaultKind.ADDED if mark == _ABSENT[:_MARK] else FaultKind.CHANGED


def _grouped(kinds: Mapping[int, FaultKind]) -> Sequence[Fault]:
    """A fault for each run of rows with which the same was done."""
    runs = groupby(enumerate(kinds.items()), key=lambda each: (each[1][0] - each[0], each[1][1]))
    return [_run([number for _, (number, _) in run], kind) for (_, kind), run in runs]


def _run(numbers: Sequence[int], kind: FaultKind) -> Fault:
    return Fault(kind=kind, first=numbers[0], last=numbers[-1])


def _of_seal(kind: FaultKind, number: int) -> Fault:
    return Fault(kind=kind, first=number, last=number, thing=Thing.SEAL)


def _digests(entries: Sequence[Entry], first: int, last: int) -> Sequence[bytes]:
    by_number = {entry.number: entry for entry in entries}
    found = (by_number.get(number) for number in range(first, last + 1))
    return [_ABSENT if entry is None else entry.digest for entry in found]


def _digest(made: Seal, digests: Sequence[bytes]) -> bytes:
    head = (_FORM, made.workspace_id.bytes, *map(_number, (made.number, made.first, made.last)))
    sealed_at = _number((made.sealed_at - _EPOCH) // timedelta(microseconds=1))
    previous = len(made.previous).to_bytes(4) + made.previous
    return sha256(b"".join((*head, previous, sealed_at, *digests))).digest()


def _number(value: int) -> bytes:
    return value.to_bytes(8, signed=True)
