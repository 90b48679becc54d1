from typing import Protocol

from domain.access import Caller


class TokenVerifier(Protocol):
    """Tells who a bearer token belongs to."""

    async def verify(self, token: str) -> Caller:
        """The token's owner and what the token opens at this moment; a visitor may speak while the workspace is active.

        Raises:
            Unauthenticated: the token is malformed, unknown, expired or revoked; which of these is never told.
        """
        ...
