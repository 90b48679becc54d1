"""Whose tokens are taken, as the settings have it; what verifies them is imported once there is an issuer."""

from typing import TYPE_CHECKING

from adapters.combined.token_verifier import CombinedTokenVerifier
from adapters.system.clock import SystemClock
from application.ports.provider_events import ProviderEvents
from application.ports.token_verifier import TokenVerifier
from domain.errors import Unavailable
from entrypoints.settings import AuthMode, Settings

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from adapters.oidc.key_rings import KeyRing

_MOST = 2**18
"""Bytes of a set of keys, or of a profile."""


def token_verifier(settings: Settings) -> TokenVerifier:
    """What verifies the tokens of the issuers of AUTH_MODE; without any, it takes none."""
    verifiers: dict[str, TokenVerifier] = {}
    if AuthMode.CLERK in settings.auth_mode and settings.clerk_issuer is not None:
        verifiers[settings.clerk_issuer] = _clerk(settings, settings.clerk_issuer)
    if AuthMode.OIDC in settings.auth_mode and settings.oidc_issuer is not None:
        verifiers[settings.oidc_issuer] = _oidc(settings, settings.oidc_issuer)
    return next(iter(verifiers.values())) if len(verifiers) == 1 else CombinedTokenVerifier(verifiers)


async def published_keys(settings: Settings, mode: AuthMode) -> int:
    """How many keys the issuer of the mode, clerk or oidc, publishes at this moment for us to use.

    Raises:
        Unavailable: they cannot be fetched; the sentence says why.
    """
    from adapters.oidc.discovery import IssuerDocuments  # noqa: PLC0415 (see above)
    from adapters.oidc.key_rings import KeysUnavailable  # noqa: PLC0415 (see above)

    clerk = mode is AuthMode.CLERK
    issuer, jwks_url = (
        (settings.clerk_issuer, settings.clerk_jwks_url) if clerk else (settings.oidc_issuer, settings.oidc_jwks_url)
    )
    try:
        return len(await IssuerDocuments(str(issuer), jwks_url, _client)())
    except KeysUnavailable as error:
        raise Unavailable(str(error)) from error


def provider_events(settings: Settings) -> ProviderEvents:
    """What reads Clerk's webhooks; without a secret, none are taken."""
    from adapters.clerk.provider_events import ClerkEvents  # noqa: PLC0415 (see above)

    # Before AUTH_MODE=clerk, which demands the issuer, users may be brought in already, under no name that a token has.
    return ClerkEvents(settings.clerk_issuer or "clerk", settings.clerk_webhook_secret)


def _clerk(settings: Settings, issuer: str) -> TokenVerifier:
    from adapters.clerk.claims import ALGORITHMS, session_checks  # noqa: PLC0415 (see above)
    from adapters.clerk.token_verifier import ClerkTokenVerifier  # noqa: PLC0415 (see above)
    from adapters.oidc.checks import Demands  # noqa: PLC0415 (see above)
    from adapters.oidc.claims import ClaimNames  # noqa: PLC0415 (see above)
    from adapters.oidc.token_verifier import OidcTokenVerifier  # noqa: PLC0415 (see above)

    demands = Demands(
        issuer=issuer,
        algorithms=ALGORITHMS,
        leeway=int(settings.clerk_leeway.total_seconds()),
        verify_iat=settings.clerk_verify_iat,
        claims=session_checks(settings.clerk_authorized_parties),
    )
    keys = _keys(issuer, settings.clerk_jwks_url, settings.clerk_jwt_key)
    tokens = OidcTokenVerifier(demands, ClaimNames().identity, keys, SystemClock())
    if settings.clerk_secret_key is None:
        return tokens
    return ClerkTokenVerifier(tokens, _client, api_url=settings.clerk_api_url, secret_key=settings.clerk_secret_key)


def _oidc(settings: Settings, issuer: str) -> TokenVerifier:
    from adapters.oidc.checks import Demands  # noqa: PLC0415 (see above)
    from adapters.oidc.claims import ClaimNames  # noqa: PLC0415 (see above)
    from adapters.oidc.token_verifier import OidcTokenVerifier  # noqa: PLC0415 (see above)

    demands = Demands(
        issuer=issuer,
        audience=frozenset(settings.oidc_audience),
        algorithms=frozenset(settings.oidc_algorithms),
        leeway=int(settings.oidc_leeway.total_seconds()),
    )
    names = ClaimNames(
        email=settings.oidc_email_claim,
        email_verified=settings.oidc_email_verified_claim,
        name=settings.oidc_name_claim,
    )
    return OidcTokenVerifier(demands, names.identity, _keys(issuer, settings.oidc_jwks_url, None), SystemClock())


def _keys(issuer: str, jwks_url: str | None, pem: str | None) -> "KeyRing":
    from adapters.oidc.discovery import IssuerDocuments  # noqa: PLC0415 (see above)
    from adapters.oidc.key_rings import FetchedKeys, FixedKey  # noqa: PLC0415 (see above)
    from adapters.oidc.keys import pem_key  # noqa: PLC0415 (see above)

    if pem is not None:
        return FixedKey(pem_key(pem))
    return FetchedKeys(IssuerDocuments(issuer, jwks_url, _client), SystemClock())


def _client() -> "AsyncClient":
    from adapters.httpx2.client import vendor_client  # noqa: PLC0415 (see above)

    return vendor_client(silence=5, most=_MOST)
