import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from adapters.oidc.keys import BadKey, jwks_keys, pem_key
from tests.adapters.oidc.signing import jwk, jwks, key, pem


def names(*keys: dict[str, Any]) -> list[str | None]:
    return [key.id for key in jwks_keys(jwks(jwk("rsa"), *keys))]


def test_keys_verify_what_their_kind_can() -> None:
    kinds = {found.id: found.algorithms for found in jwks_keys(jwks(jwk("rsa"), jwk("ec"), jwk("ed")))}

    assert kinds["ec"] == {"ES256"}
    assert kinds["ed"] == {"EdDSA"}
    assert kinds["rsa"] == {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}


def test_a_key_is_for_the_algorithm_that_it_names() -> None:
    assert jwks_keys(jwks(jwk("rsa", alg="RS256")))[0].algorithms == {"RS256"}


@pytest.mark.parametrize(
    "other",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"key_ops": 7},
        {"alg": "RSA-OAEP"},
        {"alg": "HS256"},
        {"alg": "none"},
        {"alg": 256},
        {"kid": 7},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "made up"},
        {"n": "!"},
        {"n": 7},
        {"e": "AQ"},
    ],
    ids=str,
)
def test_what_is_no_key_for_signatures_is_passed_over(other: dict[str, Any]) -> None:
    assert names({"kid": "other", **jwk("rsa-any")} | {"kid": "other"} | other) == ["rsa"]


def test_a_key_that_is_too_short_is_passed_over() -> None:
    short = generate_rsa_key(65537, 1024).public_key()  # noqa: S505 (that is the point)

    assert names({"kid": "short", **RSAAlgorithm.to_jwk(short, as_dict=True)}) == ["rsa"]


def test_a_curve_that_nobody_asked_for_is_passed_over() -> None:
    curve = generate_private_key(SECP256K1()).public_key()

    assert names({"kid": "curve", **ECAlgorithm.to_jwk(curve, as_dict=True)}) == ["rsa"]


def test_a_private_key_is_passed_over() -> None:
    private = generate_private_key(SECP256R1())

    assert names({"kid": "private", **ECAlgorithm.to_jwk(private, as_dict=True)}) == ["rsa"]


@pytest.mark.parametrize(
    "document",
    ["", "x", "[]", "null", "{}", '{"keys": {}}', '{"keys": []}', '{"keys": [1]}', "[" * 100_000],
    ids=lambda text: text[:10],
)
def test_what_is_no_set_of_keys_is_refused(document: str) -> None:
    with pytest.raises(BadKey):
        jwks_keys(document.encode())


def test_a_set_of_thousands_is_refused() -> None:
    with pytest.raises(BadKey, match="too many"):
        jwks_keys(json.dumps({"keys": [jwk("rsa")] * 101}).encode())


def test_a_key_may_be_a_pem() -> None:
    assert pem_key(pem("rsa")).der == jwks_keys(jwks(jwk("rsa")))[0].der


def test_a_pem_that_is_no_public_key_is_refused() -> None:
    private = key("rsa").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in ("", "x", private, pem("rsa")[:100]):
        with pytest.raises(BadKey):
            pem_key(text)


def test_keys_are_equal_when_their_bytes_are() -> None:
    again = jwks_keys(jwks(jwk("rsa")))

    assert again == jwks_keys(jwks(jwk("rsa")))
    assert again != jwks_keys(jwks(jwk("rsa", alg="RS256")))
    assert again != jwks_keys(jwks(jwk("rsa-any") | {"kid": "rsa"}))
