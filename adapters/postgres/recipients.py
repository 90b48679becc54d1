from sqlalchemy import bindparam, select
from typing_extensions import override

from adapters.postgres.statements import Database, Statement
from adapters.postgres.tables import users
from application.ports.recipients import Recipient, RecipientViews
from domain.identity import Preferences, Profile
from domain.ids import UserId


def _recipient(*, user_id: UserId, address: str, name: str, profile: Profile, preferences: Preferences) -> Recipient:
    return Recipient(
        user_id=user_id,
        address=address,
        name=profile.preferred_name or name,
        preferences=preferences.of_mail(profile.timezone),
    )


_RECIPIENT = Statement(
    select(
        users.c.id.label("user_id"),
        users.c.email.label("address"),
        users.c.name,
        users.c.profile,
        users.c.preferences,
    ).where(
        users.c.id == bindparam("id"),
        users.c.email.is_not(None),
        users.c.deactivated_at.is_(None),
        users.c.deleted_at.is_(None),
    ),
    _recipient,
)


class PostgresRecipientViews(RecipientViews):
    """Recipients, straight from their users' rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def recipient(self, user_id: UserId) -> Recipient | None:
        return await self._database.one(_RECIPIENT, id=user_id)
