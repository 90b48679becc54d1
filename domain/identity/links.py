from dataclasses import dataclass
from datetime import datetime

from domain.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLink:
    """Which user an identity of an issuer outside is.

    Attributes:
        issuer, subject: as in `VerifiedIdentity`; together they name it.
        user_id: None when the issuer has deleted it, which is remembered against older news.
        told_at: the issuer's own time of the newest thing it told of the identity; None before the first.
    """

    issuer: str
    subject: str
    user_id: UserId | None
    told_at: datetime | None = None
    created_at: datetime
