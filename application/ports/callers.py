from typing import Protocol

from domain.access import Caller
from domain.identity import VerifiedIdentity


class Callers(Protocol):
    """Tells what a credential opens at this moment: roles, suspensions and deactivations count at once."""

    async def of_token(self, token: str) -> Caller:
        """The owner of a token of ours (`fd_…`); a visitor may speak while the workspace is active.

        The use is noted, to the minute, and lets a session live on.

        Raises:
            Unauthenticated: the token is malformed, unknown, expired or revoked, or its user may not sign in; which of
                these is never told.
        """
        ...

    async def of_identity(self, identity: VerifiedIdentity) -> Caller | None:
        """The user linked to the identity, None when it was never seen.

        Raises:
            Unauthenticated: it is, or was, that of a user who may not sign in.
        """
        ...
