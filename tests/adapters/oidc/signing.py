"""An issuer of tokens, good ones and all others."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm, get_default_algorithms

from adapters.memory.clock import MemoryClock

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey

ISSUER = "https://issuer.example.com/"
AUDIENCE = "desk"
CLERK = "https://clerk.example.com"
PARTY = "https://desk.example.com"
AT = int(MemoryClock().now().timestamp())


@cache
def key(name: str) -> PrivateKey:
    """The private key of this name, made when it is first asked for; its kind is what its name begins with."""
    if name.startswith("ec"):
        return generate_private_key(SECP256R1())
    return Ed25519PrivateKey.generate() if name.startswith("ed") else generate_rsa_key(65537, 2048)


def jwk(name: str, **more: object) -> dict[str, Any]:
    """What is published of the key."""
    return {"kid": name, **_public(key(name)), **more}


def _public(private: PrivateKey) -> dict[str, Any]:
    match private:
        case RSAPrivateKey():
            return RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        case EllipticCurvePrivateKey():
            return ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        case Ed25519PrivateKey():
            return OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)


def jwks(*keys: Mapping[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def pem(name: str) -> str:
    return key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def encoded(part: str | bytes | Mapping[str, Any]) -> str:
    """A part of a token: JSON is made of what is not text or bytes."""
    text = part if isinstance(part, str | bytes) else json.dumps(part)
    return urlsafe_b64encode(text.encode() if isinstance(text, str) else text).rstrip(b"=").decode()


def token(
    claims: str | bytes | Mapping[str, Any],
    header: str | bytes | Mapping[str, Any] | None = None,
    *,
    by: str | bytes = "rsa",
    alg: str = "RS256",
) -> str:
    """A token; `by` is the name of a private key, or a shared secret."""
    head = {"alg": alg, "typ": "JWT", "kid": "rsa"} if header is None else header
    return sealed(f"{encoded(head)}.{encoded(claims)}", by=by, alg=alg)


def sealed(data: str, *, by: str | bytes = "rsa", alg: str = "RS256") -> str:
    """The text and its signature."""
    signer = key(by) if isinstance(by, str) else by
    return f"{data}.{encoded(get_default_algorithms()[alg].sign(data.encode(), signer))}"


def claims(**changed: object) -> dict[str, Any]:
    """What a good token of the issuer says; what is changed to None is left out."""
    good = {
        "iss": ISSUER,
        "sub": "auth0|ann",
        "aud": AUDIENCE,
        "exp": AT + 60,
        "nbf": AT - 5,
        "iat": AT - 5,
        "email": "Ann@Example.com",
        "email_verified": True,
        "name": "Ann",
    }
    return _without_none(good | changed)


def session(**changed: object) -> dict[str, Any]:
    """What a good session token of Clerk says, version 2."""
    good = {
        "azp": PARTY,
        "exp": AT + 60,
        "fva": [1, -1],
        "iat": AT - 5,
        "iss": CLERK,
        "jti": "c1f3",
        "nbf": AT - 15,
        "o": {"id": "org_2", "rol": "admin", "slg": "acme", "per": "manage", "fpm": "3"},
        "fea": "o:dashboard",
        "pla": "u:free",
        "sid": "sess_1",
        "sts": "active",
        "sub": "user_1",
        "v": 2,
    }
    return _without_none(good | changed)


def _without_none(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}


def recoded(text: str) -> bytes:
    """The bytes of a token's part."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
