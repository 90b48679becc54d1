"""What an issuer outside tells of its users by itself, and whether that is news."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import DomainError, Unavailable
from domain.identity.links import IdentityLink
from domain.ids import UserId


class BadSignature(DomainError):
    """A message was not signed by whom it says it is from, or too long ago."""

    code = "bad_signature"
    detail = "The message is not signed by its sender, or was signed more than five minutes ago."


class NotConfigured(Unavailable):
    """Nothing is set up to know a sender by."""

    code = "not_configured"
    detail = "This is not set up here."


class ProviderOutcome(StrEnum):
    """What became of a message: applied, brought before, older than what is known, or of no interest."""

    APPLIED = "applied"
    REPEATED = "repeated"
    STALE = "stale"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChanged:
    """All that an issuer says of an identity at a moment of its own.

    Attributes:
        deleted: whether it is gone; then the rest is empty.
        email: the primary one, lower case; None when there is none.
        email_verified: whether the issuer says that the e-mail is theirs.
    """

    issuer: str
    subject: str
    at: datetime
    deleted: bool = False
    email: str | None = None
    email_verified: bool = False
    name: str = ""

    @property
    def own_email(self) -> str | None:
        """The e-mail that is shown to be theirs."""
        return self.email if self.email_verified else None

    def is_news_to(self, link: IdentityLink | None) -> bool:
        """Whether nothing as new was told before; of two things of one moment the end of the identity is the newer."""
        if link is None or link.told_at is None or self.at > link.told_at:
            return True
        return self.at == link.told_at and self.deleted and link.user_id is not None

    def told_of(self, link: IdentityLink | None, user_id: UserId | None, now: datetime) -> IdentityLink:
        """The link once this was told: to the user, or to nobody when the identity is gone."""
        known = link or IdentityLink(issuer=self.issuer, subject=self.subject, user_id=None, created_at=now)
        return replace(known, user_id=user_id, told_at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDelivery:
    """A message that may come more than once, each time under the same id; None tells of nothing that concerns us."""

    id: str
    change: IdentityChanged | None
