"""What each way of signing in needs."""

from collections.abc import Iterator, Mapping
from typing import Any

from entrypoints.settings.choices import AuthMode

_DEMANDS = {
    AuthMode.CLERK: ("CLERK_ISSUER", "CLERK_AUTHORIZED_PARTIES"),
    AuthMode.OIDC: ("OIDC_ISSUER", "OIDC_AUDIENCE"),
}


def lacks(values: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each thing that a mode lacks, from the fields that have values so far."""
    modes = values.get("auth_mode", ())
    for mode, names in _DEMANDS.items():
        for name in names:
            # What has no field has a fault that is told already.
            if mode in modes and not values.get(name.lower(), True):
                yield f"{name} is unset; AUTH_MODE={mode} demands it."
    if AuthMode.CLERK in modes and not any(values.get(name, True) for name in ("clerk_jwks_url", "clerk_jwt_key")):
        yield "CLERK_JWKS_URL and CLERK_JWT_KEY are unset; AUTH_MODE=clerk demands one of them."
    if {AuthMode.CLERK, AuthMode.OIDC} <= set(modes) and values.get("clerk_issuer") == values.get("oidc_issuer", ""):
        yield "CLERK_ISSUER and OIDC_ISSUER are the same; AUTH_MODE=clerk,oidc takes two issuers."
