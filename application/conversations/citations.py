import re
from collections.abc import Iterable

from domain.ids import DocumentId, MemoryId
from domain.knowledge import Source, SourceKind

# What a model writes is matched while others wait: every repetition is bounded, and can be read in one way only.
_MARK = re.compile(r"[ \t]{0,8}\[\[\s{0,3}(\d{1,3}(?:[\s,]{1,6}\d{1,3}){0,19})[\s,]{0,6}\]\]")
_BEGUN = re.compile(r"[ \t]{0,8}(?:\[(?:\[[\d\s,]{0,190}\]?)?)?\Z")


class Citations:
    """Takes the marks by which a model cites (`domain.prompts.mark`) out of its answer as it comes, and notes them.

    Args:
        sources: what the marks 1, 2, … stand for.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = list(sources)
        self._cited: dict[Source, None] = {}
        self._held = ""

    def add(self, source: Source) -> int:
        """The number that stands for a source from now on."""
        if source not in self._sources:
            self._sources.append(source)
        return self._sources.index(source) + 1

    def read(self, text: str) -> str:
        """What is to be shown of the answer's next piece, and of what was held back of those before it."""
        text = _MARK.sub(self._note, self._held + text)
        begun = _BEGUN.search(text)
        shown = text[: begun.start()] if begun else text
        self._held = text[len(shown) :]
        return shown

    def rest(self) -> str:
        """What was held back of the answer that has ended: it was no mark."""
        rest, self._held = self._held, ""
        return rest

    @property
    def memories(self) -> tuple[MemoryId, ...]:
        """The memories that were cited, each once, in the order of their first marks."""
        return tuple(MemoryId(source.id) for source in self._cited if source.kind is SourceKind.MEMORY)

    @property
    def documents(self) -> tuple[DocumentId, ...]:
        """The documents that were cited, each once, in the order of their first marks."""
        return tuple(DocumentId(source.id) for source in self._cited if source.kind is SourceKind.DOCUMENT)

    def source(self, number: int) -> Source | None:
        """What the mark of this number stands for, or None."""
        return self._sources[number - 1] if 1 <= number <= len(self._sources) else None

    def _note(self, found: re.Match[str]) -> str:
        for number in re.findall(r"\d+", found[1]):
            source = self.source(int(number))
            if source is not None:
                self._cited[source] = None
        return ""
