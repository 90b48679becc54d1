from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from application.ports.rate_limiter import Rate
from entrypoints.settings import kinds
from entrypoints.settings.choices import AuthMode
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Access:
    """Who may call, how often, with how much, and as whom."""

    cors_origins: Annotated[
        tuple[str, ...],
        Setting(
            effect="The web origins whose pages may call the members' API; the public API is open to all.",
            kind=kinds.ORIGINS,
            default="",
        ),
    ]
    trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...],
        Setting(
            effect="The proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
            kind=kinds.NETWORKS,
            default="",
        ),
    ]
    secret_key: Annotated[
        str | None,
        Setting(
            effect="Seals secrets at rest and signs. Outside production made at the first start, in FLIGHTDECK_HOME.",
            kind=kinds.SECRET_KEY,
            secret=True,
        ),
    ]
    secret_key_previous: Annotated[
        tuple[str, ...],
        Setting(
            effect="Keys that open what they sealed before SECRET_KEY, until `flightdeck secrets rotate` is done.",
            kind=kinds.SECRET_KEYS,
            default="",
            secret=True,
        ),
    ]
    auth_mode: Annotated[
        frozenset[AuthMode],
        Setting(effect="Who vouches for users: one, or several.", kind=kinds.choices(AuthMode), default="local"),
    ]
    owner_email: Annotated[
        str,
        Setting(
            effect="The e-mail of the owner made at the first start; their workspace's handle comes from it.",
            kind=kinds.EMAIL,
            default="owner@example.com",
        ),
    ]
    limit_public_writes: Annotated[
        Rate | None,
        Setting(effect="Writes to the public API, for each address.", kind=kinds.RATE, default="120/minute"),
    ]
    limit_conversation: Annotated[
        Rate | None,
        Setting(effect="A visitor's messages, in each conversation.", kind=kinds.RATE, default="20/minute"),
    ]
    limit_reads: Annotated[
        Rate | None,
        Setting(effect="Reads, for each credential or address.", kind=kinds.RATE, default="1200/minute"),
    ]
    limit_streams: Annotated[
        int | None,
        Setting(
            effect="Event streams open at once, for each address, in each API process.",
            kind=kinds.limit(100_000),
            default="200",
        ),
    ]
    max_body_bytes: Annotated[
        int,
        Setting(
            effect="The largest request body; a larger one is answered 413. Whatever this says, one with a document "
            "may have 21 MB, with a workspace 7 MB, with a picture or an import 5 MB.",
            kind=kinds.whole(1024, 104_857_600),
            default="2097152",
        ),
    ]
