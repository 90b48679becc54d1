"""Tokens that are refused, each with the check that refuses it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.adapters.oidc.signing import (
    AT,
    AUDIENCE,
    CLERK,
    ISSUER,
    claims,
    encoded,
    jwk,
    key,
    pem,
    recoded,
    sealed,
    session,
    token,
)

_ATTACKER = "rsa-attacker"
_CURVE = {"alg": "ES256", "kid": "ec"}
_OTHER_HEADER = encoded('{"alg":"RS256","kid":"rsa"}')
_LOGOUT = {"http://schemas.openid.net/event/backchannel-logout": dict[str, str]()}


@dataclass(frozen=True)
class Vector:
    """A token and what refuses it: a check's name, `unreadable`, `size` or `key`; for Clerk's rules or an issuer's."""

    name: str
    refusal: str
    make: Callable[[], str]
    clerk: bool = False


def _said(**changed: object) -> Callable[[], str]:
    return lambda: token(claims(**changed))


def _session(**changed: object) -> Callable[[], str]:
    return lambda: token(session(**changed))


def _headed(**changed: object) -> Callable[[], str]:
    header = {"alg": "RS256", "typ": "JWT", "kid": "rsa"} | changed
    kept: dict[str, Any] = {name: value for name, value in header.items() if value is not None}
    return lambda: token(claims(), kept)


def _written(text: str) -> Callable[[], str]:
    """The claims as they are written; `…` stands for those of a good token."""
    return lambda: token(text.replace("…", json.dumps(claims())[1:-1]))


def _forged(**header: object) -> Callable[[], str]:
    return lambda: token(claims(), {"alg": "RS256", "typ": "JWT", "kid": "rsa"} | header, by=_ATTACKER)


def _shared(secret: Callable[[], bytes], alg: str = "HS256") -> Callable[[], str]:
    """The public key taken for a shared secret, past PyJWT, which refuses to sign so."""
    return lambda: token(claims(), {"alg": alg, "typ": "JWT", "kid": "rsa"}, by=secret(), alg=alg)


def _der() -> bytes:
    return key("rsa").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _parts(change: Callable[[list[str]], list[str]]) -> Callable[[], str]:
    return lambda: ".".join(change(token(claims()).split(".")))


def _resigned(change: Callable[[str], str]) -> Callable[[], str]:
    return _parts(lambda parts: [*parts[:2], change(parts[2])])


def _on_curve(signature: bytes) -> Callable[[], str]:
    return lambda: f"{encoded(_CURVE)}.{encoded(claims())}.{encoded(signature)}"


def _flipped(signature: str) -> str:
    data = recoded(signature)
    return encoded(bytes([data[0] ^ 0x80]) + data[1:])


def _spare_bits(part: str) -> str:
    """The same bytes, written with a bit set that none of them has."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) + 1]


def _unsigned(alg: str) -> Callable[[], str]:
    return lambda: f"{encoded({'alg': alg, 'typ': 'JWT', 'kid': 'rsa'})}.{encoded(claims())}."


def _nested(depth: int) -> Callable[[], str]:
    return lambda: token('{"a":' + "[" * depth + "]" * depth + "}")


VECTORS = (
    # The form.
    Vector("nothing", "unreadable", lambda: ""),
    Vector("words", "unreadable", lambda: "let me in"),
    Vector("dots alone", "unreadable", lambda: ".."),
    Vector("two parts", "unreadable", _parts(lambda parts: parts[:2])),
    Vector("four parts", "unreadable", _parts(lambda parts: [*parts, parts[2]])),
    Vector("encrypted, five parts", "unreadable", _parts(lambda parts: [*parts, *parts[:2]])),
    Vector("a header that is no JSON", "unreadable", lambda: token(claims(), "alg=RS256")),
    Vector("a header that is a list", "unreadable", lambda: token(claims(), '["RS256"]')),
    Vector("claims that are no JSON", "unreadable", lambda: token("sub=ann")),
    Vector("claims that are a list", "unreadable", lambda: token(json.dumps([claims()]))),
    Vector("claims that are null", "unreadable", lambda: token("null")),
    Vector("claims that are a token", "unreadable", lambda: token(token(claims()))),
    Vector("claims in UTF-16", "unreadable", lambda: token(json.dumps(claims()).encode("utf-16"))),
    Vector("claims that are no UTF-8", "unreadable", lambda: token(b'{"sub": "\xff"}')),
    Vector("claims nested too deeply", "unreadable", _nested(2500)),
    Vector("a number of thousands of digits", "unreadable", _written('{…, "n": ' + "9" * 5000 + "}")),
    Vector("a token that is huge", "size", _said(padding="x" * 6500)),
    Vector("padding", "canonical", _resigned(lambda signature: signature + "==")),
    Vector("ends of lines within the signature", "canonical", _resigned(lambda signature: "\n\n\n\n" + signature)),
    Vector("spare bits in the signature", "canonical", _resigned(_spare_bits)),
    Vector("padding that is signed", "canonical", lambda: sealed(token(claims()).rpartition(".")[0] + "=")),
    Vector("a claim twice", "members", _written('{"sub": "auth0|bob", …}')),
    Vector("a header's member twice", "members", lambda: token(claims(), '{"alg":"none","alg":"RS256","kid":"rsa"}')),
    Vector("a nested member twice", "members", _written('{…, "o": {"rol": "viewer", "rol": "admin"}}')),
    # The algorithm.
    Vector("alg none", "algorithm", _unsigned("none")),
    Vector("alg None", "algorithm", _unsigned("None")),
    Vector("alg NONE", "algorithm", _unsigned("NONE")),
    Vector("no alg", "algorithm", _headed(alg=None)),
    Vector("an alg that is no text", "algorithm", _headed(alg=256)),
    Vector("an alg that is a list", "algorithm", _headed(alg=["RS256"])),
    Vector("an alg in lower case", "algorithm", _headed(alg="rs256")),
    Vector("HS256 with the public key in PEM", "algorithm", _shared(lambda: pem("rsa").encode())),
    Vector("HS256 with the public key in DER", "algorithm", _shared(_der)),
    Vector("HS256 with the modulus", "algorithm", _shared(lambda: recoded(jwk("rsa")["n"]))),
    Vector("HS512 with the public key in PEM", "algorithm", _shared(lambda: pem("rsa").encode(), "HS512")),
    Vector("HS256 with an empty secret", "algorithm", _shared(lambda: b"")),
    Vector(
        "an algorithm that is not asked for",
        "algorithm",
        lambda: token(claims(), {"alg": "RS384", "kid": "rsa-any"}, by="rsa-any", alg="RS384"),
    ),
    Vector(
        "PS256 where RS256 is asked for",
        "algorithm",
        lambda: token(claims(), {"alg": "PS256", "kid": "rsa-any"}, by="rsa-any", alg="PS256"),
    ),
    Vector(
        "an algorithm for which the key is not published",
        "use",
        lambda: token(claims(), {"alg": "RS512", "kid": "rsa"}, alg="RS512"),
    ),
    Vector("RS256 with the name of another kind of key", "use", _headed(kid="ec")),
    Vector("ES256 for Clerk", "algorithm", lambda: token(session(), _CURVE, by="ec", alg="ES256"), clerk=True),
    # The header.
    Vector("an extension that must be understood", "extensions", _headed(crit=["exp"])),
    Vector("an empty list of extensions", "extensions", _headed(crit=[])),
    Vector("claims that are said not to be encoded", "extensions", _headed(b64=False)),
    Vector("a logout token", "type", _headed(typ="logout+jwt")),
    Vector("a proof of possession", "type", _headed(typ="dpop+jwt")),
    Vector("a type that is no text", "type", _headed(typ=["JWT"])),
    Vector("a key id that is a number", "key", _headed(kid=1)),
    Vector("a key id that is an object", "key", _headed(kid={"$ne": ""})),
    Vector("a key id that is null", "key", lambda: token(claims(), '{"alg":"RS256","kid":null}')),
    Vector("an unknown key id", "key", _headed(kid="other")),
    Vector("no key id while there are several keys", "key", _headed(kid=None)),
    Vector("a path as key id", "key", _headed(kid="../../../../dev/null")),
    Vector("SQL as key id", "key", _headed(kid="x' UNION SELECT 'secret' --")),
    Vector("an address as key id", "key", _headed(kid="https://attacker.example.com/jwks.json")),
    Vector("a key id of another letter case", "key", _headed(kid="RSA")),
    # The signature.
    Vector("another's key under a known name", "signature", _forged()),
    Vector("another's key in the header", "signature", _forged(jwk=jwk(_ATTACKER))),
    Vector("another's key under an address", "signature", _forged(jku="https://attacker.example.com/jwks.json")),
    Vector("another's certificate under an address", "signature", _forged(x5u="https://attacker.example.com/c.pem")),
    Vector("another's certificate in the header", "signature", _forged(x5c=["MIIB"])),
    Vector("another's key in the header, and its name", "key", _forged(jwk=jwk(_ATTACKER), kid=_ATTACKER)),
    Vector("no signature", "signature", _resigned(lambda _: "")),
    Vector("a signature cut short", "signature", _resigned(lambda signature: encoded(recoded(signature)[:-3]))),
    Vector("a signature with its first bit changed", "signature", _resigned(_flipped)),
    Vector("the signature of another token", "signature", lambda: _grafted(claims(sub="auth0|bob"))),
    Vector("claims changed after signing", "signature", lambda: _grafted(claims(email="bob@example.com"))),
    Vector("a header changed after signing", "signature", _parts(lambda parts: [_OTHER_HEADER, *parts[1:]])),
    Vector("a signature of zeros on the curve", "signature", _on_curve(bytes(64))),
    Vector("a signature in DER on the curve", "signature", _on_curve(bytes.fromhex("3006020101020101"))),
    # The times.
    Vector("expired", "not expired", _said(exp=AT - 10)),
    Vector("expired, for Clerk", "not expired", _session(exp=AT - 10), clerk=True),
    Vector("expired since 1970", "not expired", _said(exp=0)),
    Vector("without an end", "expires", _said(exp=None)),
    Vector("an end that is text", "times", _said(exp=str(AT + 60))),
    Vector("an end that is a fraction", "times", _said(exp=AT + 60.5)),
    Vector("an end that is true", "times", _said(exp=True)),
    Vector("an end that is null", "times", _written('{…, "exp": null}'.replace("…, ", '"iss":"i", '))),
    Vector("an end that is not a number", "times", lambda: token(json.dumps(claims(exp=float("nan"))))),
    Vector("an end that never comes", "times", lambda: token(json.dumps(claims(exp=float("inf"))))),
    Vector("an end after all calendars", "times", _said(exp=10**18)),
    Vector("an end before all calendars", "times", _said(exp=-1)),
    Vector("not valid yet", "begun", _said(nbf=AT + 11)),
    Vector("not valid yet, for Clerk", "begun", _session(nbf=AT + 11), clerk=True),
    Vector("a beginning that is text", "times", _said(nbf="soon")),
    Vector("issued in the future", "issued", _said(iat=AT + 11)),
    Vector("issued in the future, for Clerk", "issued", _session(iat=AT + 11), clerk=True),
    Vector("issued at a list", "times", _said(iat=[AT])),
    # Whose, and for whom.
    Vector("another issuer", "issuer", _said(iss="https://attacker.example.com/")),
    Vector("no issuer", "issuer", _said(iss=None)),
    Vector("an issuer in a list", "issuer", _said(iss=[ISSUER])),
    Vector("an issuer that begins alike", "issuer", _said(iss=f"{ISSUER}.attacker.example.com")),
    Vector("an issuer without its last slash", "issuer", _said(iss=ISSUER.removesuffix("/"))),
    Vector("another instance of Clerk", "issuer", _session(iss="https://other.clerk.example.com"), clerk=True),
    Vector("Clerk's token for an issuer's", "issuer", lambda: token(session(aud=AUDIENCE))),
    Vector("an issuer's token for Clerk's", "issuer", lambda: token(session(iss=ISSUER)), clerk=True),
    Vector("another audience", "audience", _said(aud="other")),
    Vector("no audience", "audience", _said(aud=None)),
    Vector("an empty list of audiences", "audience", _said(aud=[])),
    Vector("other audiences", "audience", _said(aud=["other", "Desk"])),
    Vector("an audience that contains ours", "audience", _said(aud=f"{AUDIENCE}s")),
    Vector("an audience that is an object", "audience", _said(aud={AUDIENCE: True})),
    Vector("an audience that is a number", "audience", _said(aud=1)),
    Vector("a token that Clerk made for somebody else", "audience", _session(aud="hasura"), clerk=True),
    Vector("another party", "party", _session(azp="https://attacker.example.com"), clerk=True),
    Vector("no party", "party", _session(azp=None), clerk=True),
    Vector("a party that begins alike", "party", _session(azp="https://desk.example.com.attacker.example"), clerk=True),
    Vector("a party in a list", "party", _session(azp=["https://desk.example.com"]), clerk=True),
    Vector("the issuer as party", "party", _session(azp=CLERK), clerk=True),
    Vector("a session that is pending", "active", _session(sts="pending"), clerk=True),
    Vector("a session of an unknown state", "active", _session(sts="revoked"), clerk=True),
    Vector("a pending session of the older version", "active", _session(v=None, sts="pending"), clerk=True),
    Vector("claims of a version to come", "version", _session(v=3), clerk=True),
    Vector("a version that is text", "version", _session(v="2"), clerk=True),
    Vector("a version that is true", "version", _session(v=True), clerk=True),
    Vector("nobody", "subject", _said(sub=None)),
    Vector("an empty subject", "subject", _said(sub="")),
    Vector("a subject that is a number", "subject", _said(sub=7)),
    Vector("a subject that is an object", "subject", _said(sub={"id": "ann"})),
    Vector("a subject that is too long", "subject", _said(sub="a" * 256)),
    Vector("a subject with a NUL", "subject", _said(sub="ann\x00")),
    Vector("a subject with half of a surrogate pair", "subject", _said(sub="ann\ud800")),
    Vector("a token that is bound to a key", "bearer", _said(cnf={"jkt": "0ZcOCORZNYy"})),
    Vector("a logout that has no type", "not event", _said(events=_LOGOUT)),
)  # fmt: skip


def _grafted(changed: dict[str, Any]) -> str:
    header, _, signature = token(claims()).split(".")
    return f"{header}.{encoded(changed)}.{signature}"
