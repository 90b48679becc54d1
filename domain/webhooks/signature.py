"""How a webhook is signed: the symmetric scheme `v1` of Standard Webhooks 1.0.0, spec/standard-webhooks.md."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

_PREFIX = "whsec_"
_LENGTH = 32  # bytes; the scheme takes 24 to 64


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """What sender and receiver share; shown when it is made, and stored sealed."""

    key: bytes = field(repr=False)

    @classmethod
    def made(cls) -> Self:
        """A new one."""
        return cls(secrets.token_bytes(_LENGTH))

    def reveal(self) -> str:
        """The text its receiver verifies with: `whsec_` and the key in base64."""
        return _PREFIX + base64.b64encode(self.key).decode()


def signed_headers(keys: Sequence[SigningSecret], identifier: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that tell the receiver who sent `body`, and when; signed with each of the keys.

    The identifier is the same for each try, and holds no full stop, which separates what is signed.
    """
    timestamp = str(int(at.timestamp()))
    content = b".".join((identifier.encode(), timestamp.encode(), body))
    signatures = (base64.b64encode(hmac.digest(secret.key, content, "sha256")).decode() for secret in keys)
    return {
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
