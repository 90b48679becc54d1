import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

Claims = Mapping[str, Any]
"""What a token says, as JSON has it."""


class Unreadable(Exception):
    """The text is no signed JSON Web Token in compact form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A JSON Web Token (RFC 7519) in compact form, taken apart; nothing of it is verified.

    Attributes:
        signed: the bytes that are signed, `<header>.<claims>`.
        canonical: whether each part is base64url as RFC 7515 has it: no padding, no other characters, no spare bits.
        repeated: whether an object in it has a member twice, which readers understand differently.
    """

    header: Claims
    claims: Claims
    signed: bytes
    signature: bytes
    canonical: bool
    repeated: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """The token.

        Raises:
            Unreadable: it is not three parts of base64url, or the first two are not objects of JSON in UTF-8.
        """
        try:
            parts = text.encode("ascii").split(b".")
            header, claims, signature = (_decoded(part) for part in parts)
            repeated: list[str] = []
            return cls(
                header=_object(header, repeated),
                claims=_object(claims, repeated),
                signed=b".".join(parts[:2]),
                signature=signature,
                canonical=[_encoded(part) for part in (header, claims, signature)] == parts,
                repeated=bool(repeated),
            )
        except (ValueError, RecursionError) as error:
            raise Unreadable from error


def _decoded(part: bytes) -> bytes:
    try:
        return urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except Error as error:
        raise Unreadable from error


def _encoded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")


def _object(text: bytes, repeated: list[str]) -> Claims:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            repeated.append("")
        return members

    # Decoded first: given bytes, json takes UTF-16 and UTF-32, too.
    found: object = json.loads(text.decode(), object_pairs_hook=unique)
    if not isinstance(found, dict):
        raise Unreadable
    return cast("Claims", found)
