from typing_extensions import override

from application.ports.recipients import Recipient, RecipientViews
from domain.ids import UserId


class MemoryRecipientViews(RecipientViews):
    """Knows those it is given; `known` may be changed."""

    def __init__(self, *known: Recipient) -> None:
        self.known = {recipient.user_id: recipient for recipient in known}

    @override
    async def recipient(self, user_id: UserId) -> Recipient | None:
        return self.known.get(user_id)
