from collections.abc import Callable
from typing import Protocol


class SealedSecrets(Protocol):
    """The secrets that lie sealed in the store: those that live on until they are replaced, used or removed."""

    async def renew(self, renewed: Callable[[bytes], bytes | None]) -> None:
        """Gives each stored sealed form to `renewed`, and stores what that returns in its place, unless it is None.

        What somebody else changes at the same moment stays as they leave it; it is not given to `renewed` again.
        """
        ...
