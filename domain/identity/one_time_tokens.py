"""Links that are mailed and open something once."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Self

from domain.errors import Gone
from domain.ids import OneTimeTokenId, UserId, new_id

ONE_TIME_TOKEN_LIFE = timedelta(hours=48)


class LinkExpired(Gone):
    """The link was used, its time is over, another one has made it useless, or it is none; which is never told."""

    code = "link_expired"
    detail = "This link was used, or its time is over. Ask for a new one."


class TokenPurpose(StrEnum):
    """What a token is good for."""

    VERIFY = "verify"
    RECOVER = "recover"


def one_time_digest(secret: str) -> bytes:
    """What is stored of a secret, or looked for: its SHA-256, as its 256 random bits need no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeToken:
    """What is stored of a mailed link.

    Attributes:
        email: where it is mailed to, in lower case.
        user_id: whose password it sets; None for one who is no user yet.
        sealed: what is kept until the address is shown to be theirs; None where nothing is.
    """

    id: OneTimeTokenId
    purpose: TokenPurpose
    digest: bytes = field(repr=False)
    email: str
    user_id: UserId | None = None
    sealed: bytes | None = field(default=None, repr=False)
    created_at: datetime
    expires_at: datetime

    @classmethod
    def to_verify(cls, email: str, sealed: bytes, at: datetime) -> tuple[Self, str]:
        """A token that shows that the address is somebody's, and its secret, to be mailed and never stored."""
        secret = secrets.token_urlsafe(32)
        token = cls(
            id=OneTimeTokenId(new_id(at)),
            purpose=TokenPurpose.VERIFY,
            digest=one_time_digest(secret),
            email=email,
            sealed=sealed,
            created_at=at,
            expires_at=at + ONE_TIME_TOKEN_LIFE,
        )
        return token, secret

    @classmethod
    def to_recover(cls, user_id: UserId, email: str, at: datetime) -> tuple[Self, str]:
        """A token that sets the user's password, and its secret, to be mailed and never stored."""
        secret = secrets.token_urlsafe(32)
        token = cls(
            id=OneTimeTokenId(new_id(at)),
            purpose=TokenPurpose.RECOVER,
            digest=one_time_digest(secret),
            email=email,
            user_id=user_id,
            created_at=at,
            expires_at=at + ONE_TIME_TOKEN_LIFE,
        )
        return token, secret
