from dataclasses import dataclass

from application.identity.welcome_user import WelcomeUser
from application.ports.callers import Callers
from application.ports.token_verifier import TokenVerifier
from domain.access import Caller
from domain.errors import Unauthenticated

_OURS = "fd_"
_SESSION = "fd_session_"


@dataclass(frozen=True, slots=True)
class IdentifyCaller:
    """Tells who a bearer token belongs to: one of ours, or of an issuer that is trusted with sign-in.

    Attributes:
        sessions: whether users sign in here; else a session from before opens nothing.
    """

    callers: Callers
    verifier: TokenVerifier
    welcome_user: WelcomeUser
    sessions: bool

    async def __call__(self, token: str) -> Caller:
        """The caller; somebody whom an issuer vouches for and who was never seen becomes a user.

        Raises:
            Unauthenticated: the token opens nothing; why is never told.
            Unavailable: an issuer's keys are needed and cannot be had at the moment.
        """
        if token.startswith(_SESSION) and not self.sessions:
            raise Unauthenticated
        if token.startswith(_OURS):
            return await self.callers.of_token(token)
        identity = await self.verifier.verify(token)
        return await self.callers.of_identity(identity) or await self.welcome_user(identity)
