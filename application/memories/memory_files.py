"""What a file of memories says, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from application.ports.memories import MemoryView
from domain.errors import Fault
from domain.memories import CollectionKind, MemoryChanges

MOST_LINES = 5_000
MOST_BYTES = 5 * 1024 * 1024
_TOLD = 100


@dataclass(frozen=True, slots=True)
class CollectionName:
    """By what a collection is found, or made, among those of its owner.

    Attributes:
        position: the memory's place in it, counted from 0; without one it comes behind those that have one.
    """

    kind: CollectionKind
    name: str
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedLine:
    """What a line of a file says.

    Attributes:
        number: counted from 1. created_at: since when there is the memory; without it, it is new.
        id: what other lines call the memory. superseded_by: the one that says what is true now instead.
        collections: where it belongs.
    """

    number: int
    fields: MemoryChanges
    created_at: datetime | None = None
    id: UUID | None = None
    superseded_by: UUID | None = None
    collections: Sequence[CollectionName] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedMemory:
    """A memory for a line of a file, and the collections that hold it, by name."""

    memory: MemoryView
    collections: Sequence[CollectionName]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    """One thing wrong with a line, as in `Fault`."""

    line: int
    pointer: str
    code: str
    detail: str

    @classmethod
    def of(cls, line: int, fault: Fault) -> "LineFault":
        """The fault of the line."""
        return cls(line=line, pointer=fault.pointer, code=fault.code, detail=fault.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMemories:
    """What became of a file.

    Attributes:
        imported: lines that are memories now. skipped: lines of which there was a memory of the same words.
        failed: lines that cannot be taken. errors: what is wrong with the first of them, up to 100 faults; a memory
            that is taken is named with `/collections` when there is no room in one.
    """

    imported: int
    skipped: int
    failed: int
    errors: Sequence[LineFault]


@dataclass(slots=True)
class Tally:
    """What is told of a file, as it is gone through."""

    imported: int = 0
    skipped: int = 0
    failed: set[int] = field(default_factory=set[int])
    errors: list[LineFault] = field(default_factory=list[LineFault])

    def refuse(self, *faults: LineFault) -> None:
        """The lines cannot be taken."""
        self.failed.update(fault.line for fault in faults)
        self.tell(*faults)

    def tell(self, *faults: LineFault) -> None:
        """Something is wrong with lines that are taken nevertheless."""
        self.errors += faults[: _TOLD - len(self.errors)]

    @property
    def result(self) -> ImportedMemories:
        """What became of the file."""
        return ImportedMemories(
            imported=self.imported, skipped=self.skipped, failed=len(self.failed), errors=self.errors
        )
