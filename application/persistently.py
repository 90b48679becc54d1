from collections.abc import Awaitable, Callable
from contextlib import suppress

from domain.errors import EditConflict

TRIES = 3


async def persistently(act: Callable[[], Awaitable[None]]) -> None:
    """Does it, up to three times: whoever works where rows go may hold some of them, and one of the two has to yield.

    Raises:
        EditConflict: it lost each time.
    """
    for _ in range(TRIES - 1):
        with suppress(EditConflict):
            return await act()
    return await act()
