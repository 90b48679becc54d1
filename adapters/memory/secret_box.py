import hashlib
import hmac
import secrets
from contextlib import suppress
from itertools import count

from typing_extensions import override

from application.ports.secret_box import SecretBox, UnsealError

_NONCE = 16
_TAG = 32
_WRAPPED = _NONCE + _TAG + 32


class MemorySecretBox(SecretBox):
    """Seals with a key that dies with the process, by the standard library alone: for tests and throw-away data.

    A SHA-256 keystream in counter mode, then an HMAC-SHA256 over purpose, nonce and ciphertext. Each secret has a key
    of its own, which is sealed alike with the key of the box and lies before it; `previous` opens what it sealed.
    """

    def __init__(self, previous: "MemorySecretBox | None" = None) -> None:
        self._keys: tuple[_Key, ...] = (_Key(secrets.token_bytes(32)), *(previous._keys if previous else ()))  # noqa: SLF001 (its class)

    @override
    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        own = secrets.token_bytes(32)
        return self._keys[0].seal(own, "key") + _Key(own).seal(secret, purpose)

    @override
    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        own, _ = self._opened(sealed)
        return _Key(own).unseal(sealed[_WRAPPED:], purpose)

    @override
    def renewed(self, sealed: bytes) -> bytes | None:
        own, key = self._opened(sealed)
        return None if key is self._keys[0] else self._keys[0].seal(own, "key") + sealed[_WRAPPED:]

    def _opened(self, sealed: bytes) -> tuple[bytes, "_Key"]:
        """The secret's own key, and the one that it was sealed with."""
        for key in self._keys:
            with suppress(UnsealError):
                return key.unseal(sealed[:_WRAPPED], "key"), key
        raise UnsealError


class _Key:
    def __init__(self, key: bytes) -> None:
        self._stream_key = hmac.digest(key, b"stream", "sha256")
        self._tag_key = hmac.digest(key, b"tag", "sha256")

    def seal(self, secret: bytes, purpose: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        ciphertext = self._mixed(nonce, secret)
        return nonce + self._tag(nonce, ciphertext, purpose) + ciphertext

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        nonce, tag, ciphertext = sealed[:_NONCE], sealed[_NONCE : _NONCE + _TAG], sealed[_NONCE + _TAG :]
        if not hmac.compare_digest(tag, self._tag(nonce, ciphertext, purpose)):
            raise UnsealError
        return self._mixed(nonce, ciphertext)

    def _tag(self, nonce: bytes, ciphertext: bytes, purpose: str) -> bytes:
        bound = hashlib.sha256(purpose.encode()).digest()
        return hmac.digest(self._tag_key, bound + nonce + ciphertext, "sha256")

    def _mixed(self, nonce: bytes, data: bytes) -> bytes:
        stream = b""
        for block in count():
            if len(stream) >= len(data):
                break
            stream += hmac.digest(self._stream_key, nonce + block.to_bytes(8), "sha256")
        return bytes(left ^ right for left, right in zip(data, stream, strict=False))
