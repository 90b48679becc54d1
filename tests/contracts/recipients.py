"""What the reading of recipients promises. A test class per adapter inherits the contract and overrides its fixture."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from application.ports.recipients import Recipient, RecipientViews
from domain.ids import UserId, new_id
from domain.mail import MailKind, MailPreferences, WorkingHours

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOURS = WorkingHours(days=frozenset({0, 4}), opens=time(9), closes=time(17, 30))


def a_recipient(preferences: MailPreferences) -> Recipient:
    user_id = UserId(new_id(NOW))
    return Recipient(user_id=user_id, address=f"{user_id.hex}@example.com", name="Ada", preferences=preferences)


Knowing = Callable[[Recipient], Awaitable[RecipientViews]]


class RecipientViewsContract:
    @pytest.fixture
    def knowing(self) -> Knowing:
        """Views of a store in which such a user exists."""
        raise NotImplementedError

    @pytest.mark.parametrize(
        "preferences",
        [
            MailPreferences(),
            MailPreferences(off=frozenset({MailKind.JOB_DIED}), timezone=ZoneInfo("Europe/Prague")),
            MailPreferences(working_hours=HOURS, timezone=ZoneInfo("America/St_Johns")),
        ],
    )
    async def test_a_user_is_had_with_address_and_preferences(
        self, knowing: Knowing, preferences: MailPreferences
    ) -> None:
        recipient = a_recipient(preferences)
        views = await knowing(recipient)
        assert await views.recipient(recipient.user_id) == recipient

    async def test_nobody_else_is_had(self, knowing: Knowing) -> None:
        views = await knowing(a_recipient(MailPreferences()))
        assert await views.recipient(UserId(new_id(NOW))) is None
