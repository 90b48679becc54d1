from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.knowledge.blocks import Block, blocks, line_spans
from domain.knowledge.lines import ITEM
from domain.knowledge.sentences import sentence_spans, trimmed

LARGEST_PIECE = 1_200
_FULL = 900
_SMALL = 300
_OVERLAP = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a source: `text` is `source[start:end]`, offsets in code points.

    Attributes:
        heading: the headings above it, outermost first, joined by ` › `, of at most 300 characters: where there are
            more, the outermost are left out; empty when there are none.
    """

    heading: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Span:
    """What becomes a piece: `start` to `end`, from within the block `first` to within the block `last`."""

    first: Block
    last: Block
    start: int
    end: int


def split(text: str) -> tuple[Piece, ...]:
    """The pieces of a Markdown or plain text in order, made to be found and quoted one by one.

    Headings go into `heading`; everything else but white space is in a piece. Neighbouring paragraphs, items, tables
    and code blocks under one heading share a piece of up to 900 characters; what is longer by itself is cut between
    sentences or lines, and a longer one of these between words. A table or code block is cut only above 1,200
    characters, which no piece exceeds.

    Where a paragraph or list goes on in another piece, that one begins with the last sentences of the piece before it,
    up to 200 characters of them, so that it is understood by itself. Nothing else is in two pieces. Takes time in
    proportion to the text.
    """
    packed: list[_Span] = []
    for block in blocks(text):
        for start, end in _parts(text, block):
            _pack(packed, _Span(block, block, start, end))
    settled = _settled(packed)
    starts = [span.start for span in settled[:1]]
    starts += [_overlapping(text, before, span) for before, span in pairwise(settled)]
    return tuple(
        Piece(heading=span.first.path, text=text[start : span.end], start=start, end=span.end)
        for start, span in zip(starts, settled, strict=True)
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
    if packed and _fits(packed[-1], span, _FULL):
        packed[-1].end, packed[-1].last = span.end, span.last
    else:
        packed.append(span)


def _fits(before: _Span, span: _Span, most: int) -> bool:
    return before.last.path == span.first.path and span.end - before.start <= most


def _settled(packed: Sequence[_Span]) -> list[_Span]:
    """A small remainder joins the piece before it when both fit in the largest piece."""
    settled: list[_Span] = []
    for span in packed:
        small = span.end - span.start < _SMALL
        if small and settled and _fits(settled[-1], span, LARGEST_PIECE):
            settled[-1].end, settled[-1].last = span.end, span.last
        else:
            settled.append(span)
    return settled


def _overlapping(text: str, before: _Span, span: _Span) -> int:
    """Where the piece of `span` begins, with those last sentences of the piece before it that it repeats."""
    if not _goes_on(text, before.last, span.first):
        return span.start
    earliest = max(before.end - _OVERLAP, span.end - LARGEST_PIECE, before.start + 1)
    return next((start for start, _ in sentence_spans(text, before.start, before.end) if start >= earliest), span.start)


def _goes_on(text: str, block: Block, following: Block) -> bool:
    """Whether a piece that ends in `block` is cut from the next one within a paragraph or list."""
    if block.lined or following.lined or block.path != following.path:
        return False
    return block == following or bool(ITEM.match(text, block.start) and ITEM.match(text, following.start))
