import hashlib
import hmac
import secrets
from itertools import count

from typing_extensions import override

from application.ports.secret_box import SecretBox, UnsealError

_NONCE = 16
_TAG = 32


class MemorySecretBox(SecretBox):
    """Seals with a key that dies with the process, by the standard library alone: for tests and throw-away data.

    A SHA-256 keystream in counter mode, then an HMAC-SHA256 over purpose, nonce and ciphertext.
    """

    def __init__(self) -> None:
        self._stream_key = secrets.token_bytes(32)
        self._tag_key = secrets.token_bytes(32)

    @override
    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        ciphertext = self._mixed(nonce, secret)
        return nonce + self._tag(nonce, ciphertext, purpose) + ciphertext

    @override
    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
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
