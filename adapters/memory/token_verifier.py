import secrets

from typing_extensions import override

from application.ports.clock import Clock
from application.ports.token_verifier import TokenVerifier
from domain.errors import Unauthenticated, Unavailable
from domain.identity import VerifiedIdentity


class MemoryTokenVerifier(TokenVerifier):
    """Takes the tokens that it issued.

    Attributes:
        silent: while True, the issuer does not answer.
    """

    def __init__(self, clock: Clock) -> None:
        self.silent = False
        self._clock = clock
        self._issued: dict[str, VerifiedIdentity] = {}
        self._profiles: dict[tuple[str, str], VerifiedIdentity] = {}

    def issue(self, identity: VerifiedIdentity) -> str:
        """A token that proves the identity."""
        token = secrets.token_urlsafe(32)
        self._issued[token] = identity
        return token

    def tell(self, profile: VerifiedIdentity) -> None:
        """Has this told of its issuer and subject from now on."""
        self._profiles[profile.issuer, profile.subject] = profile

    @override
    async def verify(self, token: str) -> VerifiedIdentity:
        if self.silent:
            raise Unavailable
        identity = self._issued.get(token)
        if identity is None or identity.expires_at <= self._clock.now():
            raise Unauthenticated
        return identity

    @override
    async def complete(self, identity: VerifiedIdentity) -> VerifiedIdentity:
        return identity if self.silent else self._profiles.get((identity.issuer, identity.subject), identity)
