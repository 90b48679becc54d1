import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from typing_extensions import override

from adapters.oidc.checks import CHECKS, KEY_CHECKS, Check, Demands, KeyCheck, Presented
from adapters.oidc.key_rings import KeyRing
from adapters.oidc.keys import Key
from adapters.oidc.tokens import Claims, Token, Unreadable
from application.ports.clock import Clock
from application.ports.token_verifier import TokenVerifier
from domain.errors import Unauthenticated
from domain.identity import VerifiedIdentity

_LOG = logging.getLogger(__name__)

Read = Callable[[Claims, datetime], VerifiedIdentity]
"""Who claims speak of, and until when."""


class OidcTokenVerifier(TokenVerifier):
    """Takes signed JSON Web Tokens that pass every check.

    A token that was verified is known until it expires, or until the issuer does not publish its key any more: then it
    is refused. What is refused is not remembered. The issuer is not asked for what a token does not carry.

    Args:
        remembered: how many verified tokens are known at once; the one used longest ago is forgotten first.
        checks: what is asked of a token, by name. key_checks: what is asked of it and its key.
    """

    def __init__(
        self,
        demands: Demands,
        read: Read,
        keys: KeyRing,
        clock: Clock,
        *,
        remembered: int = 10_000,
        checks: Mapping[str, Check] = CHECKS,
        key_checks: Mapping[str, KeyCheck] = KEY_CHECKS,
    ) -> None:
        self._demands = demands
        self._read = read
        self._keys = keys
        self._clock = clock
        self._remembered = remembered
        self._checks = checks
        self._key_checks = key_checks
        # By the token's hash, so that a dump of the memory opens nothing.
        self._known: OrderedDict[bytes, tuple[VerifiedIdentity, Key]] = OrderedDict()

    @override
    async def verify(self, token: str) -> VerifiedIdentity:
        if len(token) > self._demands.longest or not token.isascii():
            raise Unauthenticated
        digest = sha256(token.encode()).digest()
        known = self._recalled(digest)
        if known is not None:
            return known
        identity, key = await self._verified(token)
        self._known[digest] = identity, key
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return identity

    @override
    async def complete(self, identity: VerifiedIdentity) -> VerifiedIdentity:
        return identity

    def _recalled(self, digest: bytes) -> VerifiedIdentity | None:
        found = self._known.get(digest)
        if found is None:
            return None
        identity, key = found
        if self._clock.now() < identity.expires_at and self._keys.holds(key):
            self._known.move_to_end(digest)
            return identity
        del self._known[digest]
        return None

    async def _verified(self, text: str) -> tuple[VerifiedIdentity, Key]:
        try:
            token = Token.parse(text)
        except Unreadable as error:
            raise Unauthenticated from error
        presented = Presented(token, self._demands, self._clock.now().timestamp())
        self._check(presented)
        key = await self._keys.find(token.header.get("kid"))
        if key is None:
            raise _refused("key")
        for name, passes in self._key_checks.items():
            if not passes(token, key):
                raise _refused(name)
        end = (presented.time("exp") or 0) + self._demands.leeway
        return self._read(token.claims, datetime.fromtimestamp(end, UTC)), key

    def _check(self, presented: Presented) -> None:
        for name, passes in self._checks.items():
            if not passes(presented):
                raise _refused(name)
        for name, allows in self._demands.claims.items():
            if not allows(presented.token.claims):
                raise _refused(name)


def _refused(check: str) -> Unauthenticated:
    _LOG.debug("a token is refused by the check '%s'", check)
    return Unauthenticated()
