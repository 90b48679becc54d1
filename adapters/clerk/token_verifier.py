import asyncio
import json
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import httpx2
from typing_extensions import override

from adapters.clerk.profiles import Profile
from application.ports.token_verifier import TokenVerifier
from domain.identity import VerifiedIdentity

_LOG = logging.getLogger(__name__)


class ClerkTokenVerifier(TokenVerifier):
    """Asks Clerk's Backend API for the profile of who brought a token; the token itself is for `tokens` to verify.

    Args:
        tokens: made with `adapters.clerk.claims.session_checks`.
        client: makes a client that bounds what it reads and follows no redirect.
        patience: seconds for all of a question.
    """

    def __init__(
        self,
        tokens: TokenVerifier,
        client: Callable[[], httpx2.AsyncClient],
        *,
        api_url: str,
        secret_key: str,
        patience: float = 5,
    ) -> None:
        self._tokens = tokens
        self._client = client
        self._api_url = api_url
        self._secret_key = secret_key
        self._patience = patience

    @override
    async def verify(self, token: str) -> VerifiedIdentity:
        return await self._tokens.verify(token)

    @override
    async def complete(self, identity: VerifiedIdentity) -> VerifiedIdentity:
        if (identity.email_verified and identity.name) or not re.fullmatch(r"[\w-]+", identity.subject, re.ASCII):
            return identity
        try:
            profile = await self._profile(identity.subject)
        except (TimeoutError, httpx2.HTTPError, ValueError, RecursionError) as error:
            _LOG.warning("Clerk does not tell the profile of %s: %s", identity.subject, type(error).__name__)
            return identity
        named = replace(identity, name=profile.name or identity.name)
        if profile.email is None:
            return named
        return replace(named, email=profile.email, email_verified=profile.email_verified)

    async def _profile(self, subject: str) -> Profile:
        headers = {"Authorization": f"Bearer {self._secret_key}", "Accept": "application/json"}
        async with asyncio.timeout(self._patience), self._client() as client:
            answer = await client.get(f"{self._api_url}/users/{subject}", headers=headers)
            answer.raise_for_status()
        user: object = json.loads(answer.content)
        found = cast("dict[str, Any]", user) if isinstance(user, dict) else {}
        if found.get("id") != subject:
            raise ValueError("not the user's profile")
        return Profile.of(found)
