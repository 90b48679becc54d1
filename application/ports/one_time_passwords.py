from datetime import datetime
from typing import Protocol

ISSUER = "Flightdeck"


class OneTimePasswords(Protocol):
    """Codes of six digits that an app on a person's phone makes anew every 30 seconds (TOTP, RFC 6238, SHA-1)."""

    def new_secret(self) -> str:
        """160 random bits in base 32, to be stored sealed, and shown once."""
        ...

    def uri(self, secret: str, account: str) -> str:
        """What the app reads, mostly as a QR code: `otpauth://totp/…`, with the account and `ISSUER` as its names."""
        ...

    def verify(self, code: str, secret: str, at: datetime, last_step: int | None) -> int | None:
        """The time step the code is of, or None when it is wrong; compares in constant time.

        Taken are the step at `at`, the one before and the one after, but none up to `last_step`, the last one that was
        accepted: whoever stores what is returned, in the unit that lets the person in, takes no code twice. White space
        in the code does not count.
        """
        ...
