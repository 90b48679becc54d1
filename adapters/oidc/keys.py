import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from jwt import PyJWK, PyJWTError
from jwt.algorithms import Algorithm, get_default_algorithms

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

_LOG = logging.getLogger(__name__)
_MOST_KEYS = 100
_RSA_BITS = range(2048, 8193)  # less is forged (RFC 7518, section 3.3), more takes long
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES = {"secp256r1": frozenset({"ES256"}), "secp384r1": frozenset({"ES384"}), "secp521r1": frozenset({"ES512"})}
_ED25519 = frozenset({"EdDSA"})
_ALGORITHMS: Mapping[str, Algorithm] = get_default_algorithms()


class BadKey(ValueError):
    """It is no public key that signatures can be verified with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key of an issuer; equal are those of the same name, use and bytes.

    Attributes:
        id: the `kid` that names it; None when it has no name.
        algorithms: the `alg` that it verifies.
        der: its SubjectPublicKeyInfo.
    """

    id: str | None
    algorithms: frozenset[str]
    der: bytes = field(repr=False)
    public: PublicKey = field(repr=False, compare=False)

    def takes(self, algorithm: str) -> bool:
        """Whether signatures made by the algorithm are for this key."""
        return algorithm in self.algorithms

    def signed(self, algorithm: str, data: bytes, signature: bytes) -> bool:
        """Whether its owner signed `data` so."""
        return _ALGORITHMS[algorithm].verify(data, self.public, signature)

    @classmethod
    def of(cls, public: object, identifier: str | None = None, algorithm: str | None = None) -> "Key":
        """The key; with `algorithm` it is for that alone.

        Raises:
            BadKey: it is not of a kind and size that is used for signatures, or not for `algorithm`.
        """
        if not isinstance(public, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
            raise BadKey
        usable = _algorithms(public)
        algorithms = usable & {algorithm} if algorithm is not None else usable
        if not algorithms:
            raise BadKey
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(id=identifier, algorithms=algorithms, der=der, public=public)


def _algorithms(public: PublicKey) -> frozenset[str]:
    match public:
        case RSAPublicKey():
            return _RSA if public.key_size in _RSA_BITS else frozenset()
        case EllipticCurvePublicKey():
            return _CURVES.get(public.curve.name, frozenset())
        case Ed25519PublicKey():
            return _ED25519


def pem_key(pem: str) -> Key:
    """The key in a PEM of a public key.

    Raises:
        BadKey: there is none.
    """
    try:
        return Key.of(load_pem_public_key(pem.encode()))
    except ValueError as error:
        raise BadKey from error


def jwks_keys(document: bytes) -> Sequence[Key]:
    """The keys for signatures of a JWK Set (RFC 7517); what is for something else or cannot be read is passed over.

    Raises:
        BadKey: it is no such set, or holds no such key, or more than a hundred.
    """
    try:
        found: object = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise BadKey("It is not JSON.") from error
    listed: object = cast("dict[str, Any]", found).get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise BadKey("It has no list of keys.")
    each = cast("list[object]", listed)
    keys = [key for key in map(_jwk_key, each[:_MOST_KEYS]) if key is not None]
    if not keys or len(each) > _MOST_KEYS:
        raise BadKey("It has no key for signatures, or too many.")
    return keys


def _jwk_key(found: object) -> Key | None:
    if not isinstance(found, dict):
        return None
    jwk = cast("dict[str, Any]", found)
    identifier, algorithm = jwk.get("kid"), jwk.get("alg")
    if not isinstance(identifier, str | None) or not isinstance(algorithm, str | None):
        return None
    try:
        if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
            return None
        # Without `alg`, which PyJWT would look up among all it knows. A private or a shared key is no public one.
        return Key.of(PyJWK({name: value for name, value in jwk.items() if name != "alg"}).key, identifier, algorithm)
    except (PyJWTError, ValueError, TypeError):
        _LOG.warning("a key of the issuer is passed over, as it cannot be used: %.100r", identifier)
        return None
