import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

from typing_extensions import override

from application.ports.one_time_passwords import ISSUER, OneTimePasswords

_PERIOD = 30  # seconds
_WINDOW = (-1, 0, 1)


class MemoryOneTimePasswords(OneTimePasswords):
    """One-time passwords by the standard library alone, written down from RFC 4226 and RFC 6238."""

    @override
    def new_secret(self) -> str:
        return base64.b32encode(secrets.token_bytes(20)).decode()

    @override
    def uri(self, secret: str, account: str) -> str:
        return f"otpauth://totp/{ISSUER}:{quote(account, safe='')}?secret={secret}&issuer={ISSUER}"

    @override
    def verify(self, code: str, secret: str, at: datetime, last_step: int | None) -> int | None:
        now, given = int(at.timestamp()) // _PERIOD, "".join(code.split()).encode("utf-8", "surrogatepass")
        steps = [now + near for near in _WINDOW]
        matching = [step for step in steps if hmac.compare_digest(given, self.code(secret, step).encode())]
        return next((step for step in matching if last_step is None or step > last_step), None)

    def code(self, secret: str, step: int) -> str:
        """The code of a time step: what the person's app shows."""
        digest = hmac.digest(base64.b32decode(secret), max(step, 0).to_bytes(8), "sha1")
        start = digest[-1] & 15
        return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"
