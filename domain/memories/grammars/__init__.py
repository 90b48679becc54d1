"""How people tell of themselves in some languages: fixed tables for what is worth remembering and what never is."""

from collections.abc import Mapping
from typing import Final

from domain.memories.grammars.czech import CZECH
from domain.memories.grammars.english import ENGLISH
from domain.memories.grammars.french import FRENCH
from domain.memories.grammars.german import GERMAN
from domain.memories.grammars.grammar import SECRET, Grammar, Says
from domain.memories.grammars.spanish import SPANISH

GRAMMARS: Final[Mapping[str, Grammar]] = {
    "en": ENGLISH,
    "de": GERMAN,
    "es": SPANISH,
    "fr": FRENCH,
    "cs": CZECH,
}
"""By language (ISO 639-1)."""

__all__ = ["GRAMMARS", "SECRET", "Grammar", "Says"]
