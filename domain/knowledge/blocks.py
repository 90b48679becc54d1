from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.knowledge.lines import Kind, fence_of, kind_of, lines, title_of, underlined
from domain.knowledge.sentences import trimmed

JOINT = " › "
_LONGEST_PATH = 300
_GOING_ON = {(Kind.TEXT, Kind.TEXT), (Kind.ITEM, Kind.TEXT), (Kind.ROW, Kind.ROW)}


class Block(NamedTuple):
    """A paragraph, list item, table or code block at `start` to `end`, under the headings `path`.

    Attributes:
        lined: it consists of lines rather than sentences: a table or code.
    """

    path: str
    start: int
    end: int
    lined: bool


def path_of(headings: Sequence[str]) -> str:
    """The headings, outermost first, joined by ` › `: as many of the innermost as 300 characters hold, at least one."""
    length, kept = 0, 0
    for heading in reversed(headings):
        length += len(heading) + len(JOINT)
        if kept and length - len(JOINT) > _LONGEST_PATH:
            break
        kept += 1
    return JOINT.join(headings[len(headings) - kept :])


def blocks(text: str) -> list[Block]:
    """The blocks of `text` in order. A heading stands in the path of what is under it; one with nothing is a block."""
    reader = _Reader(text)
    for offset, line in lines(text, 0, len(text)):
        reader.read(offset, line)
    reader.finish()
    return reader.found


class _Reader:
    """Reads lines one by one; at any time it is in at most one block, from `_start` to `_end`, of kind `_inside`."""

    def __init__(self, text: str) -> None:
        self.found: list[Block] = []
        self._text = text
        self._headings: list[tuple[int, str]] = []
        self._path = ""
        self._bare: tuple[int, int] | None = None
        self._inside = Kind.BLANK
        self._start = self._end = 0
        self._rows = 0
        self._fence = ""

    def read(self, offset: int, line: str) -> None:
        end = offset + len(line)
        if self._inside is Kind.FENCE:
            self._code(line, end)
            return
        kind = kind_of(line)
        if kind is Kind.HEADING and (heading := title_of(line)):
            self._close()
            self._head(heading, offset, end)
        elif kind is Kind.UNDERLINE:
            self._underline(offset, line)
        elif (self._inside, kind) in _GOING_ON:
            self._end, self._rows = end, self._rows + 1
        else:
            self._close()
            self._open(kind, offset, line)

    def finish(self) -> None:
        self._close()
        self._flush_bare(0)

    def _open(self, kind: Kind, offset: int, line: str) -> None:
        self._inside, self._start, self._end, self._rows = kind, offset, offset + len(line), 1
        self._fence = fence_of(line) if kind is Kind.FENCE else ""

    def _close(self) -> None:
        if self._inside is not Kind.BLANK:
            lined = self._inside in (Kind.FENCE, Kind.ROW)
            for start, end in trimmed(self._text, self._start, self._end):
                self.found.append(Block(self._path, start, end, lined))
            self._bare = None
        self._inside = Kind.BLANK

    def _code(self, line: str, end: int) -> None:
        self._end = end
        closing = line.strip()
        if closing.startswith(self._fence) and fence_of(line) == closing:
            self._close()

    def _underline(self, offset: int, line: str) -> None:
        """The line above becomes a heading when it is a paragraph by itself; else this is a line of text."""
        heading = None
        if self._inside is Kind.TEXT and self._rows == 1:
            heading = underlined(self._text[self._start : self._end], line)
        if heading:
            self._inside = Kind.BLANK
            self._head(heading, self._start, offset + len(line))
        else:
            self._close()
            self._open(Kind.UNDERLINE, offset, line)

    def _head(self, heading: tuple[int, str], start: int, end: int) -> None:
        level, _ = heading
        self._flush_bare(level)
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._headings.append(heading)
        self._path = path_of([title for _, title in self._headings])
        self._bare = (start, end)

    def _flush_bare(self, level: int) -> None:
        """A heading that ends with nothing under it is kept as a block beside its siblings."""
        if self._bare and self._headings[-1][0] >= level:
            path = path_of([title for _, title in self._headings[:-1]])
            self.found.extend(Block(path, *span, lined=False) for span in trimmed(self._text, *self._bare))
        self._bare = None


def line_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the lines of `text[start:end]` begin and end in `text`, blank ones left out."""
    for offset, line in lines(text, start, end):
        yield from trimmed(text, offset, offset + len(line))
