import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, cast

import httpx2

from adapters.oidc.key_rings import KeysUnavailable
from adapters.oidc.keys import BadKey, Key, jwks_keys

_DISCOVERY = "/.well-known/openid-configuration"


class IssuerDocuments:
    """Where an issuer publishes its keys: at `jwks_url`, else where its metadata says (OpenID Connect Discovery 1.0).

    Args:
        client: makes a client that bounds what it reads and follows no redirect.
        patience: seconds for all of a fetch.
    """

    def __init__(
        self, issuer: str, jwks_url: str | None, client: Callable[[], httpx2.AsyncClient], patience: float = 10
    ) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._client = client
        self._patience = patience

    async def __call__(self) -> Sequence[Key]:
        """The keys, as they are now.

        Raises:
            KeysUnavailable: they cannot be had, or what is there is no set of keys.
        """
        try:
            async with asyncio.timeout(self._patience), self._client() as client:
                return jwks_keys(await _read(client, self._jwks_url or await self._discovered(client)))
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, BadKey) as error:
            raise KeysUnavailable(f"{type(error).__name__} {error}".strip()) from error

    async def _discovered(self, client: httpx2.AsyncClient) -> str:
        text = await _read(client, self._issuer.removesuffix("/") + _DISCOVERY)
        try:
            found: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise KeysUnavailable("The issuer's metadata is not JSON.") from error
        metadata = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        url: object = metadata.get("jwks_uri")
        if metadata.get("issuer") != self._issuer or not isinstance(url, str):
            raise KeysUnavailable("The issuer's metadata is another issuer's, or names no keys.")
        if self._issuer.startswith("https:") and not url.startswith("https:"):
            raise KeysUnavailable("The issuer's metadata has its keys fetched without TLS.")
        return url


async def _read(client: httpx2.AsyncClient, url: str) -> bytes:
    answer = await client.get(url, headers={"Accept": "application/json"})
    if not answer.is_success:
        raise KeysUnavailable(f"{answer.status_code} from {answer.url.host}.")
    return answer.content
