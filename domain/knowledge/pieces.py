from collections.abc import Iterator
from dataclasses import dataclass

from domain.knowledge.blocks import Block, blocks, line_spans
from domain.knowledge.sentences import sentence_spans, trimmed

LARGEST_PIECE = 1_200
_FULL = 900
_SMALL = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a source: `text` is `source[start:end]`, offsets in code points.

    Attributes:
        heading: the headings above it, outermost first, joined by ` › `; empty when there are none.
    """

    heading: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Span:
    path: str
    start: int
    end: int


def split(text: str) -> tuple[Piece, ...]:
    """The pieces of a Markdown or plain text in order, made to be found and quoted one by one.

    Headings go into `heading`; everything else but white space is in exactly one piece. Neighbouring paragraphs, items,
    tables and code blocks under one heading share a piece of up to 900 characters; what is longer by itself is cut
    between sentences or lines, and a longer one of these between words. A table or code block is cut only above 1,200
    characters, which no piece exceeds. Takes time in proportion to the text.
    """
    packed: list[_Span] = []
    for block in blocks(text):
        for start, end in _parts(text, block):
            _pack(packed, _Span(block.path, start, end))
    return tuple(
        Piece(heading=span.path, text=text[span.start : span.end], start=span.start, end=span.end)
        for span in _settled(packed)
    )


def _parts(text: str, block: Block) -> Iterator[tuple[int, int]]:
    if block.end - block.start <= (LARGEST_PIECE if block.lined else _FULL):
        yield block.start, block.end
        return
    spans = (line_spans if block.lined else sentence_spans)(text, block.start, block.end)
    for start, end in spans:
        yield from _cut(text, start, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span in parts of at most 900 characters, between words where there is white space."""
    while end - start > _FULL:
        stop = start + _FULL
        if not text[stop].isspace():
            stop = next((place for place in range(stop - 1, start, -1) if text[place].isspace()), stop)
        yield from trimmed(text, start, stop)
        start = stop
    yield from trimmed(text, start, end)


def _pack(packed: list[_Span], span: _Span) -> None:
    last = packed[-1] if packed else None
    if last and last.path == span.path and span.end - last.start <= _FULL:
        last.end = span.end
    else:
        packed.append(span)


def _settled(packed: list[_Span]) -> list[_Span]:
    """A small remainder joins the piece before it when both fit in the largest piece."""
    settled: list[_Span] = []
    for span in packed:
        last = settled[-1] if settled else None
        small = span.end - span.start < _SMALL
        if small and last and last.path == span.path and span.end - last.start <= LARGEST_PIECE:
            last.end = span.end
        else:
            settled.append(span)
    return settled
