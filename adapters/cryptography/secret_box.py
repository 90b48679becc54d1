import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from typing_extensions import override

from application.ports.secret_box import SecretBox, UnsealError

_VERSION = b"\x02"
_ID = 4  # bytes
_NONCE = 12  # bytes; random, which AES-GCM allows for 2^32 seals with one key (NIST SP 800-38D, section 8.3)
_WRAPPED = 32 + 16  # bytes: a key and its tag
_CONTENT = 1 + _ID + _NONCE + _WRAPPED
_ONCE = bytes(_NONCE)  # of a key that seals once


class AesSecretBox(SecretBox):
    """AES-256-GCM with a key for each secret and the purpose as associated data.

    That key is sealed alike with the one derived from `secret_key` by HKDF-SHA256 (RFC 5869): so a secret is sealed
    anew without being opened. What was sealed with a `previous` key can be unsealed, too.

    The sealed form is a version byte, the id of the derived key (4 bytes), 12 bytes of nonce, the secret's key with
    its tag (48 bytes), and the ciphertext with its tag (16 bytes).
    """

    def __init__(self, secret_key: str, previous: Sequence[str] = ()) -> None:
        self._current = _derived(secret_key, b"flightdeck secret box id", _ID)
        self._ciphers = {
            _derived(key, b"flightdeck secret box id", _ID): AESGCM(_derived(key, b"flightdeck secret box 2", 32))
            for key in (*previous, secret_key)
        }

    @override
    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        key = AESGCM.generate_key(256)
        return self._wrapped(key) + AESGCM(key).encrypt(_ONCE, secret, _bound(purpose))

    @override
    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        key = AESGCM(self._unwrapped(sealed))
        try:
            return key.decrypt(_ONCE, sealed[_CONTENT:], _bound(purpose))
        except InvalidTag as error:
            raise UnsealError from error

    @override
    def renewed(self, sealed: bytes) -> bytes | None:
        key = self._unwrapped(sealed)
        return None if _id(sealed) == self._current else self._wrapped(key) + sealed[_CONTENT:]

    def _wrapped(self, key: bytes) -> bytes:
        head, nonce = _VERSION + self._current, secrets.token_bytes(_NONCE)
        return head + nonce + self._ciphers[self._current].encrypt(nonce, key, head)

    def _unwrapped(self, sealed: bytes) -> bytes:
        cipher = self._ciphers.get(_id(sealed))
        if sealed[:1] != _VERSION or cipher is None:
            raise UnsealError
        head, nonce = sealed[: 1 + _ID], sealed[1 + _ID : 1 + _ID + _NONCE]
        wrapped = sealed[1 + _ID + _NONCE : _CONTENT]
        try:
            return cipher.decrypt(nonce, wrapped, head)
        except (InvalidTag, ValueError) as error:  # too short a nonce is a ValueError
            raise UnsealError from error


def _id(sealed: bytes) -> bytes:
    return sealed[1 : 1 + _ID]


def _derived(secret_key: str, use: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=use).derive(secret_key.encode())


def _bound(purpose: str) -> bytes:
    return _VERSION + purpose.encode()
