from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import Protocol

LOOK_ANYWAY = 600.0
"""Seconds after which whoever waits for a ring goes and looks without one, since a ring may be lost."""


class Listener(Protocol):
    """One who listens to a topic."""

    async def heard(self, timeout: float) -> bool:  # noqa: ASYNC109 (a wait that ends without a ring is no error)
        """Whether the topic rang since listening began or since the last True; waits up to `timeout` seconds for it."""
        ...


class Bell(Protocol):
    """Tells other processes that something is new; it carries nothing, and what is true stands in the database.

    A ring may be lost. While rings may be getting lost unnoticed (nothing connects the processes), listeners hear one
    every second, so that they go and look.
    """

    async def ring(self, topics: Collection[str]) -> None:
        """Every listener to one of these hears it, in this process and others. Never raises, and takes 1 s at most."""
        ...

    def listen(self, topic: str) -> AbstractAsyncContextManager[Listener]:
        """Listens from entering to leaving the block; rings in quick succession may be heard as one."""
        ...
