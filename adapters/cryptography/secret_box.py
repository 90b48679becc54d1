import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from typing_extensions import override

from application.ports.secret_box import SecretBox, UnsealError

_VERSION = b"\x01"
_NONCE = 12  # bytes; random, which AES-GCM allows for 2^32 seals with one key (NIST SP 800-38D, section 8.3)


class AesSecretBox(SecretBox):
    """AES-256-GCM with the purpose as associated data; the key is derived from `secret_key` by HKDF-SHA256 (RFC 5869).

    The sealed form is a version byte, 12 bytes of nonce, and the ciphertext with its tag of 16 bytes.
    """

    def __init__(self, secret_key: str) -> None:
        derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"flightdeck secret box 1")
        self._cipher = AESGCM(derivation.derive(secret_key.encode()))

    @override
    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, secret, _bound(purpose))

    @override
    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        if sealed[:1] != _VERSION:
            raise UnsealError
        nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _bound(purpose))
        except (InvalidTag, ValueError) as error:  # too short a nonce is a ValueError
            raise UnsealError from error


def _bound(purpose: str) -> bytes:
    return _VERSION + purpose.encode()
