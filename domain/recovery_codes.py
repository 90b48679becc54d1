"""Codes that let a person in once each who has lost the second factor."""

import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256

NUMBER = 10
# Crockford's base 32: 5 bits a character, without those that are taken for others.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_HALF = 5
_MEANT = str.maketrans("oil", "011")


def new_recovery_codes() -> tuple[str, ...]:
    """`NUMBER` codes as `xxxxx-xxxxx` of 50 random bits each, to be shown once."""
    return tuple(f"{_random()}-{_random()}" for _ in range(NUMBER))


def recovery_digest(code: str) -> bytes:
    """What is stored of a code, or looked for: the SHA-256 of its characters.

    Case, hyphens and white space do not count, and `o`, `i` and `l` are read as the digits they look like.
    """
    plain = "".join(code.replace("-", "").split()).lower().translate(_MEANT)
    return sha256(plain.encode("utf-8", "surrogatepass")).digest()


def used_recovery_code(code: str, digests: Sequence[bytes]) -> bytes | None:
    """The one of these digests that is the code's, to be stored no longer, or None.

    Compares with each in constant time.
    """
    given = recovery_digest(code)
    found = [digest for digest in digests if hmac.compare_digest(digest, given)]
    return found[0] if found else None


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_HALF))
