"""Secrets in the payloads of jobs, which others may read."""

import base64

from application.ports.secret_box import SecretBox


def sealed_text(box: SecretBox, secret: str, *, purpose: str) -> str:
    """The sealed form in ASCII."""
    return base64.b64encode(box.seal(secret.encode(), purpose=purpose)).decode()


def unsealed_text(box: SecretBox, sealed: str, *, purpose: str) -> str:
    """The secret.

    Raises:
        UnsealError: it was sealed with another key of ours, or for another purpose.
    """
    return box.unseal(base64.b64decode(sealed), purpose=purpose).decode()
