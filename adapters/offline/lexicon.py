"""The table in `lexicon.toml`, as questions and sentences are looked up in it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from adapters.offline.stems import folded, roots
from domain.words import primary, words

Words = Mapping[str, str]


class _Concept(TypedDict):
    words: NotRequired[Words]
    asks: NotRequired[Words]
    says: NotRequired[str]
    aspect: NotRequired[bool]


class _Table(TypedDict):
    light: Words
    leaning: Words
    following: Words
    joining: Words
    concept: Mapping[str, _Concept]


_TABLE = cast("_Table", tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text(encoding="utf-8")))
_PATTERNS = {name: re.compile(entry["says"]) for name, entry in _TABLE["concept"].items() if "says" in entry}

ASPECTS = frozenset(name for name, entry in _TABLE["concept"].items() if entry.get("aspect"))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The table in one language.

    Attributes:
        by_stem: the concepts that a stem belongs to.
        by_phrase: the concept of each phrase.
        by_asking: the concept of each word or phrase that only asks for it.
        light: stems of words that an answer may lack.
        leaning: words that point back to the turn before, accents folded.
        following: words and phrases at the beginning of a sentence that is only understood after the one before.
        joining: words that join two things asked for.
    """

    by_stem: Mapping[str, tuple[str, ...]]
    by_phrase: Mapping[str, str]
    by_asking: Mapping[str, str]
    light: frozenset[str]
    leaning: frozenset[str]
    following: frozenset[str]
    joining: frozenset[str]


def lexicon(language: str) -> Lexicon:
    """The table in `language` (BCP 47); empty in one it does not have."""
    return _lexicon(primary(language))


@lru_cache(maxsize=64)
def _lexicon(tongue: str) -> Lexicon:
    by_stem: dict[str, tuple[str, ...]] = {}
    by_phrase: dict[str, str] = {}
    for name, entry in _TABLE["concept"].items():
        for word in entry.get("words", {}).get(tongue, "").split():
            if "_" in word:
                by_phrase[folded(word)] = name
                continue
            for root in roots(word, tongue):
                by_stem[root] = tuple(dict.fromkeys((*by_stem.get(root, ()), name)))
    return Lexicon(
        by_stem=by_stem,
        by_phrase=by_phrase,
        by_asking={folded(word): name for word, name in _asking(tongue)},
        light=frozenset(root for word in _TABLE["light"].get(tongue, "").split() for root in roots(word, tongue)),
        leaning=_folded(_TABLE["leaning"], tongue),
        following=_folded(_TABLE["following"], tongue),
        joining=_folded(_TABLE["joining"], tongue),
    )


def _folded(table: Words, tongue: str) -> frozenset[str]:
    return frozenset(folded(word) for word in table.get(tongue, "").split())


def _asking(tongue: str) -> Iterator[tuple[str, str]]:
    for name, entry in _TABLE["concept"].items():
        for word in entry.get("asks", {}).get(tongue, "").split():
            yield word, name


def phrases_in(text: str, table: Mapping[str, str]) -> list[str]:
    """Those phrases of `table` that occur in `text` as whole words."""
    said = f"_{folded('_'.join(words(text)))}_"
    return [phrase for phrase in table if f"_{phrase}_" in said]


def said_in(text: str) -> Iterator[str]:
    """The concepts whose pattern finds something in `text`."""
    return (name for name, pattern in _PATTERNS.items() if pattern.search(text))
