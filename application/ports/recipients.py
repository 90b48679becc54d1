from dataclasses import dataclass
from typing import Protocol

from domain.ids import UserId
from domain.mail import MailPreferences


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A user as one who gets letters: their present address, and what they want of mail."""

    user_id: UserId
    address: str
    name: str
    preferences: MailPreferences


class RecipientViews(Protocol):
    """Who gets letters."""

    async def recipient(self, user_id: UserId) -> Recipient | None:
        """The user; None when there is none, or none that letters go to any more, as deleted or deactivated."""
        ...
