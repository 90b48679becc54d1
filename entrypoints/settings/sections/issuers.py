from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from entrypoints.settings import kinds
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Issuers:
    """Who outside vouches for users, and what is asked of their tokens."""

    clerk_issuer: Annotated[
        str | None,
        Setting(
            effect="The `iss` of Clerk's tokens: the address of the Frontend API. AUTH_MODE=clerk demands it.",
            kind=kinds.ISSUER,
        ),
    ]
    clerk_authorized_parties: Annotated[
        Sequence[str],
        Setting(
            effect="The origins whose tokens are taken (`azp`). AUTH_MODE=clerk demands at least one.",
            kind=kinds.PARTIES,
            default="",
        ),
    ]
    clerk_jwks_url: Annotated[
        str | None,
        Setting(
            effect="Where Clerk's keys are fetched. AUTH_MODE=clerk demands this or CLERK_JWT_KEY, which goes before.",
            kind=kinds.BASE_URL,
        ),
    ]
    clerk_jwt_key: Annotated[
        str | None,
        Setting(effect="Clerk's public key, with which nothing is fetched.", kind=kinds.PUBLIC_KEY, lines=True),
    ]
    clerk_leeway: Annotated[
        timedelta,
        Setting(
            effect="By how much Clerk's clock and ours may differ.", kind=kinds.duration("0s", "60s"), default="10s"
        ),
    ]
    clerk_verify_iat: Annotated[
        bool,
        Setting(
            effect="Whether a token of Clerk that was issued in the future is refused; nothing else depends on it.",
            kind=kinds.FLAG,
            default="true",
        ),
    ]
    clerk_secret_key: Annotated[
        str | None,
        Setting(
            effect="With it a new user's name and e-mail are asked of Clerk, once; else the webhook brings them.",
            kind=kinds.API_KEY,
            secret=True,
        ),
    ]
    clerk_api_url: Annotated[
        str,
        Setting(effect="Clerk's Backend API.", kind=kinds.BASE_URL, default="https://api.clerk.com/v1"),
    ]
    clerk_webhook_secret: Annotated[
        Sequence[str],
        Setting(
            effect="What signs Clerk's webhooks, which are taken with it; both, with a comma, while it is rotated.",
            kind=kinds.WEBHOOK_SECRETS,
            default="",
            secret=True,
        ),
    ]
    oidc_issuer: Annotated[
        str | None,
        Setting(effect="The `iss` of another issuer's tokens. AUTH_MODE=oidc demands it.", kind=kinds.ISSUER),
    ]
    oidc_jwks_url: Annotated[
        str | None,
        Setting(effect="Where its keys are fetched; while unset, its metadata says it.", kind=kinds.BASE_URL),
    ]
    oidc_audience: Annotated[
        Sequence[str],
        Setting(
            effect="The `aud` of tokens that are meant for us. AUTH_MODE=oidc demands at least one.",
            kind=kinds.AUDIENCES,
            default="",
        ),
    ]
    oidc_algorithms: Annotated[
        Sequence[str],
        Setting(effect="The signatures that are taken.", kind=kinds.ALGORITHMS, default="RS256,ES256"),
    ]
    oidc_email_claim: Annotated[str, Setting(effect="The claim with the e-mail.", kind=kinds.CLAIM, default="email")]
    oidc_email_verified_claim: Annotated[
        str,
        Setting(
            effect="The claim that is true when the issuer vouches for the e-mail; never one that users can write.",
            kind=kinds.CLAIM,
            default="email_verified",
        ),
    ]
    oidc_name_claim: Annotated[str, Setting(effect="The claim with the name.", kind=kinds.CLAIM, default="name")]
    oidc_leeway: Annotated[
        timedelta,
        Setting(effect="By how much its clock and ours may differ.", kind=kinds.duration("0s", "60s"), default="10s"),
    ]
