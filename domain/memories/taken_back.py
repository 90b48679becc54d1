"""What a user takes back of what they have told their companion."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from domain.memories.recall import speaks_of
from domain.memories.wishes import asks_to_forget
from domain.words import STOP_WORDS, primary, words

_FEW = 4
"""With fewer words that say something a wish means what was said last, as "Forget what I told you" does."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What messages ask to forget of what was said before them.

    Attributes:
        wishes: those that ask for it. everything: whether the first means all that was said last. language: theirs
            (BCP 47).
    """

    wishes: Sequence[str]
    everything: bool
    language: str

    @classmethod
    def by(cls, later: Sequence[str], language: str) -> Self:
        """What the messages that came later take back, oldest first."""
        wishes = [text for text in later if asks_to_forget(text)]
        everything = bool(wishes) and later[0] == wishes[0] and len(_telling(wishes[0], language)) < _FEW
        return cls(wishes, everything, language)

    def holds(self, said: str) -> bool:
        """Whether this is taken back: it says what a wish names, or a wish names what it says."""
        return self.everything or any(
            speaks_of(said, wish, self.language) or speaks_of(wish, said, self.language) for wish in self.wishes
        )


def _telling(text: str, language: str) -> set[str]:
    return set(words(text)) - STOP_WORDS.get(primary(language), frozenset()) - STOP_WORDS["en"]
