from collections.abc import Sequence
from typing import Protocol


class Stemmer(Protocol):
    """Tells which words are forms of one."""

    def stems(self, words: Sequence[str], language: str) -> list[str]:
        """For each of `words`, in lower case, what it shares with its other forms in `language` (BCP 47).

        Where the language is not known, the word itself. Any thread may call it.
        """
        ...
