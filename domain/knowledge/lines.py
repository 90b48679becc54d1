"""Lines of a text and what Markdown (CommonMark 0.31, as far as people use it in notes) makes of them."""

import re
from collections.abc import Iterator
from enum import IntEnum, auto

_NEWLINE = re.compile(r"(?:\r\n|\r|\n)((?:[ \t]*(?:\r\n|\r|\n))*)")
ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?=\S)")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(?=\S)")
_FENCE = re.compile(r" {0,3}(?:(`{3,})[^`]*\Z|(~{3,}))")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*\Z")
_SPECIAL = frozenset(" \t#=-*+•|`~0123456789")
_LONGEST_HEADING = 200


class Kind(IntEnum):
    """What a line is by itself; only an `UNDERLINE` depends on the line above it."""

    BLANK = auto()
    TEXT = auto()
    HEADING = auto()
    UNDERLINE = auto()
    FENCE = auto()
    ITEM = auto()
    ROW = auto()


def lines(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Each line of `text[start:end]` without its line break, with its offset in `text`; several blank ones are one."""
    for newline in _NEWLINE.finditer(text, start, end):
        yield start, text[start : newline.start()]
        if newline.group(1):
            yield newline.start(1), ""
        start = newline.end()
    yield start, text[start:end]


def kind_of(line: str) -> Kind:
    """What `line` is by itself."""
    if not line or line.isspace():
        return Kind.BLANK
    return Kind.TEXT if line[0] not in _SPECIAL else _marked(line)


def _marked(line: str) -> Kind:
    if line.lstrip(" \t").startswith("|"):
        return Kind.ROW
    if fence_of(line):
        return Kind.FENCE
    if title_of(line):
        return Kind.HEADING
    if _UNDERLINE.match(line):
        return Kind.UNDERLINE
    return Kind.ITEM if ITEM.match(line) else Kind.TEXT


def fence_of(line: str) -> str:
    """The back ticks or tildes that `line` begins with when it opens or closes a code block, else nothing."""
    fence = _FENCE.match(line)
    return fence.group(1) or fence.group(2) if fence else ""


def title_of(line: str) -> tuple[int, str] | None:
    """The level (1 to 6) and title of an ATX heading; a line of over 200 characters is none."""
    marks = _HEADING.match(line)
    if not marks or len(line) > _LONGEST_HEADING:
        return None
    title = plain_title(line[marks.end() :].rstrip().rstrip("#"))
    return (len(marks.group(1)), title) if title else None


def underlined(line: str, underline: str) -> tuple[int, str] | None:
    """The level (1 or 2) and title of `line` as a setext heading; a line of over 200 characters is none."""
    title = plain_title(line) if len(line) <= _LONGEST_HEADING else ""
    return (1 if "=" in underline else 2, title) if title else None


def plain_title(title: str) -> str:
    """A heading's words, without the marks of emphasis around it."""
    return title.strip().strip("*_").strip()
