import hmac
import secrets
from hashlib import sha256

from typing_extensions import override

from application.ports.password_hasher import PasswordHasher

_SCHEME = "memory$1"


class MemoryPasswordHasher(PasswordHasher):
    """A salted SHA-256, which costs nothing: for tests, and never for people.

    Attributes:
        done: how many hashes were made, to verify or to store.
    """

    def __init__(self) -> None:
        self.done = 0

    @override
    async def hash(self, password: str) -> str:
        return self._made(password, secrets.token_hex(16))

    @override
    async def verify(self, password: str, stored: str | None) -> bool:
        salt = "" if stored is None or not stored.startswith(f"{_SCHEME}$") else stored.split("$")[2]
        made = self._made(password, salt)
        return hmac.compare_digest(made.encode(), (stored or "").encode("utf-8", "surrogatepass"))

    @override
    def needs_rehash(self, stored: str) -> bool:
        return not stored.startswith(f"{_SCHEME}$")

    def _made(self, password: str, salt: str) -> str:
        self.done += 1
        return f"{_SCHEME}${salt}${sha256(salt.encode() + password.encode('utf-8', 'surrogatepass')).hexdigest()}"
