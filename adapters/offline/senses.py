"""What words mean nearly alike, by `senses.toml` and the concepts of `lexicon.toml`."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import cast

from adapters.offline.lexicon import lexicon
from adapters.offline.stems import roots

_FILE = Path(__file__).with_name("senses.toml")
_TABLE = cast("Mapping[str, str]", tomllib.loads(_FILE.read_text(encoding="utf-8")))
TABLES = (_FILE.read_bytes(), _FILE.with_name("lexicon.toml").read_bytes())
"""Both tables as they are written, for whoever has to tell one state of them from another."""


def senses(word: str, tongue: str) -> tuple[str, ...]:
    """The groups of words of like meaning that `word` belongs to in `tongue` (ISO 639-1), by their names."""
    stems = roots(word, tongue)
    found = (
        name for stem in stems for name in (*_groups(tongue).get(stem, ()), *lexicon(tongue).by_stem.get(stem, ()))
    )
    return tuple(dict.fromkeys(found))


@lru_cache
def _groups(tongue: str) -> Mapping[str, tuple[str, ...]]:
    groups: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for line in _TABLE.get(tongue, "").splitlines():
        for word in line.split():
            for stem in roots(word, tongue):
                groups[stem][f"{tongue} {line}"] = None
    return {stem: tuple(names) for stem, names in groups.items()}
