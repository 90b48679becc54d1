from typing import Protocol


class Probe(Protocol):
    """Sees whether something we depend on works."""

    async def check(self) -> str | None:
        """A word for people about what was found, or None.

        Raises:
            Unavailable: it does not work; the message says what to do about it, without internals.
        """
        ...
