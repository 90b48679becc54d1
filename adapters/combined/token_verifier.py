import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, cast

from typing_extensions import override

from application.ports.token_verifier import TokenVerifier
from domain.errors import Unauthenticated
from domain.identity import VerifiedIdentity

_LONGEST = 8192


class CombinedTokenVerifier(TokenVerifier):
    """Has a token verified by the verifier of the issuer that it names; with no verifiers, none is taken.

    What is read before that only picks: the verifier checks the issuer with everything else.
    """

    def __init__(self, verifiers: Mapping[str, TokenVerifier]) -> None:
        self._verifiers = verifiers

    @override
    async def verify(self, token: str) -> VerifiedIdentity:
        verifier = self._verifiers.get(_issuer(token)) if self._verifiers else None
        if verifier is None:
            raise Unauthenticated
        return await verifier.verify(token)

    @override
    async def complete(self, identity: VerifiedIdentity) -> VerifiedIdentity:
        verifier = self._verifiers.get(identity.issuer)
        return await verifier.complete(identity) if verifier else identity


def _issuer(token: str) -> str:
    """The issuer that an unverified token names; empty when it names none."""
    claims = token.split(".")[1:2] if len(token) <= _LONGEST else []
    try:
        found: object = json.loads(urlsafe_b64decode(f"{claims[0]}==")) if claims else {}
    except (ValueError, RecursionError):
        return ""
    issuer: object = cast("dict[str, Any]", found).get("iss") if isinstance(found, dict) else None
    return issuer if isinstance(issuer, str) else ""
