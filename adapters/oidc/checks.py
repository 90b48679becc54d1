"""What is demanded of a token, each by a function of its own; `tests/adapters/oidc/vectors.py` proves every one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from adapters.oidc.keys import Key
from adapters.oidc.tokens import Claims, Token

ClaimsCheck = Callable[[Claims], bool]
Check = Callable[["Presented"], bool]

_LAST_SECOND = 253_370_764_800  # the year 9999 begins: later ones are no times of datetime, with their leeway
_TYPES = {"jwt", "at+jwt", "application/jwt", "application/at+jwt"}
_SUBJECT_LENGTH = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What is asked of an issuer's tokens.

    Attributes:
        issuer: the `iss` that is taken, character by character.
        audience: the `aud` of whom a token may be meant for; when empty, it may name nobody.
        algorithms: the `alg` that are taken: names of JWA (RFC 7518) without a shared secret.
        leeway: seconds by which clocks may differ.
        verify_iat: whether a token of the future is refused.
        claims: what else is asked of the claims, by name.
        longest: characters of a token.
    """

    issuer: str
    audience: frozenset[str] = frozenset()
    algorithms: frozenset[str]
    leeway: int = 10
    verify_iat: bool = True
    claims: Mapping[str, ClaimsCheck] = field(default_factory=dict[str, ClaimsCheck])
    longest: int = 8192


@dataclass(frozen=True, slots=True)
class Presented:
    """A token at a moment, in seconds since 1970."""

    token: Token
    demands: Demands
    at: float

    def time(self, claim: str) -> int | None:
        """The time that the token gives; None when it gives none, or one that `times` refuses."""
        value = self.token.claims.get(claim)
        return value if _is_time(value) else None


def _canonical(presented: Presented) -> bool:
    return presented.token.canonical


def _members(presented: Presented) -> bool:
    return not presented.token.repeated


def _algorithm(presented: Presented) -> bool:
    algorithm = presented.token.header.get("alg")
    return isinstance(algorithm, str) and algorithm in presented.demands.algorithms


def _extensions(presented: Presented) -> bool:
    """`crit` names what must be understood, and we understand nothing; `b64` changes what is signed (RFC 7797)."""
    return "crit" not in presented.token.header and "b64" not in presented.token.header


def _type(presented: Presented) -> bool:
    """A logout token, a proof of possession and the like say so (RFC 8725, section 3.11)."""
    kind = presented.token.header.get("typ", "JWT")
    return isinstance(kind, str) and kind.lower() in _TYPES


def _times(presented: Presented) -> bool:
    claims = presented.token.claims
    return all(_is_time(claims[name]) for name in ("exp", "nbf", "iat") if name in claims)


def _is_time(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LAST_SECOND


def _expires(presented: Presented) -> bool:
    return "exp" in presented.token.claims


def _not_expired(presented: Presented) -> bool:
    expires = presented.time("exp")
    return expires is None or presented.at < expires + presented.demands.leeway


def _begun(presented: Presented) -> bool:
    begins = presented.time("nbf")
    return begins is None or begins <= presented.at + presented.demands.leeway


def _issued(presented: Presented) -> bool:
    issued = presented.time("iat")
    return not presented.demands.verify_iat or issued is None or issued <= presented.at + presented.demands.leeway


def _issuer(presented: Presented) -> bool:
    return presented.token.claims.get("iss") == presented.demands.issuer


def _audience(presented: Presented) -> bool:
    """RFC 7519, section 4.1.3: who does not find themselves in an audience refuses."""
    ours = presented.demands.audience
    if "aud" not in presented.token.claims:
        return not ours
    named: object = presented.token.claims["aud"]
    several = cast("list[object]", named) if isinstance(named, list) else [named]
    return any(isinstance(each, str) and each in ours for each in several)


def _subject(presented: Presented) -> bool:
    """Text that can be stored and compared; OpenID Connect Core, section 2, bounds it."""
    subject = presented.token.claims.get("sub")
    return isinstance(subject, str) and 0 < len(subject) <= _SUBJECT_LENGTH and subject.isprintable()


def _bearer(presented: Presented) -> bool:
    """A token that is bound to a key (`cnf`, RFC 7800) proves nothing of who merely holds it."""
    return "cnf" not in presented.token.claims


def _not_event(presented: Presented) -> bool:
    """A security event (RFC 8417), such as a logout, speaks of somebody and is not theirs."""
    return "events" not in presented.token.claims


CHECKS: Mapping[str, Check] = {
    "canonical": _canonical,
    "members": _members,
    "algorithm": _algorithm,
    "extensions": _extensions,
    "type": _type,
    "times": _times,
    "expires": _expires,
    "not expired": _not_expired,
    "begun": _begun,
    "issued": _issued,
    "issuer": _issuer,
    "audience": _audience,
    "subject": _subject,
    "bearer": _bearer,
    "not event": _not_event,
}
"""What is asked before a key is looked for: it costs less than a signature, and fetches nothing."""


KeyCheck = Callable[[Token, Key], bool]


def _use(token: Token, key: Key) -> bool:
    return key.takes(token.header["alg"])


def _signature(token: Token, key: Key) -> bool:
    return key.signed(token.header["alg"], token.signed, token.signature)


KEY_CHECKS: Mapping[str, KeyCheck] = {"use": _use, "signature": _signature}
"""What is asked of a token and the key that it names."""
