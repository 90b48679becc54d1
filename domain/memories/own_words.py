"""What of a message are its author's own statements: not questions, quotations, or texts to be worked on."""

import re
from collections.abc import Iterator
from itertools import chain

from domain.knowledge.sentences import sentences
from domain.memories.grammars import GRAMMARS, SECRET

_FENCED = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)
_QUOTED_LINE = re.compile(r"^[ \t]*(?:>|[|]).*$", re.MULTILINE)
_SPEAKER = re.compile(
    r"^[ \t]*(?!(?:[\w.' -]{0,30}[. ])?(?i:please remember|remember|note|fyi|also|by the way|btw|ps):)"
    r"[\w.' -]{1,30}:[ \t]+\S.*$",
    re.MULTILINE,
)
# Who writes without capital letters begins sentences, too.
_LOWER = re.compile(r"(?<=\w[.!…])\s+(?=(?:i|i'm|my|ich|meine?|yo|mi|je|mon|ma|můj|moje)\b)")
_MARKER = re.compile(r"\A[ \t]*(?:[-*+•#]+|\d{1,3}[.)])[ \t]+")
_QUOTES = re.compile("[\"“”„«»‹›「」]|`|(?:^|\\s)'[^']{2,}'(?!\\w)")  # noqa: RUF001 (marks that people type)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})  # noqa: RUF001 (the apostrophes that people type)
_LONGEST = 400


def own_sentences(text: str) -> Iterator[str]:
    """The statements of a message's author, one sentence each, in order.

    A sentence that quotes, asks, holds a secret (a password, a card's number) or has over 400 characters is left out;
    so is all behind a sentence that announces a text, like "Translate this" or whatever ends in a colon.
    """
    plain = text.translate(_APOSTROPHES)
    for pattern in (_FENCED, _QUOTED_LINE, _SPEAKER):
        plain = pattern.sub("\n", plain)
    for sentence in chain.from_iterable(_LOWER.split(each) for each in sentences(plain)):
        said = " ".join(_MARKER.sub("", sentence, count=1).split())
        if any(grammar.material.match(said) for grammar in GRAMMARS.values()) or said.endswith(":"):
            return
        if not _asks(said) and len(said) <= _LONGEST and not _QUOTES.search(said) and not SECRET.search(said):
            yield said


def _asks(sentence: str) -> bool:
    return any(mark in sentence for mark in "?¿？")  # noqa: RUF001 (the full-width mark is what is looked for)
