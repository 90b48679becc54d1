from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from adapters.oidc.tokens import Claims
from domain.identity import VerifiedIdentity, known_email, known_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """Where a token says what beside the registered claims; the defaults are those of OpenID Connect.

    A name is taken as it is, such as `https://desk.example.com/email`; one that begins with `/` is a JSON pointer
    (RFC 6901) such as `/user_metadata/full_name`.
    """

    email: str = "email"
    email_verified: str = "email_verified"
    name: str = "name"

    def identity(self, claims: Claims, expires_at: datetime) -> VerifiedIdentity:
        """Who verified claims speak of; what cannot be an e-mail or a name is left out."""
        email = known_email(_found(claims, self.email))
        return VerifiedIdentity(
            issuer=claims["iss"],
            subject=claims["sub"],
            email=email,
            # Only what is exactly true: "false" is true, too.
            email_verified=email is not None and _found(claims, self.email_verified) is True,
            name=known_name(_found(claims, self.name)),
            expires_at=expires_at,
        )


def _found(claims: Claims, name: str) -> object:
    if not name.startswith("/"):
        return claims.get(name)
    found: Any = claims
    for step in name[1:].split("/"):
        if not isinstance(found, dict):
            return None
        members = cast("Claims", found)
        found = members.get(step.replace("~1", "/").replace("~0", "~"))
    return found
