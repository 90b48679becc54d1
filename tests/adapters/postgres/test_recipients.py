from dataclasses import replace

import pytest
from typing_extensions import override

from adapters.postgres.recipients import PostgresRecipientViews
from adapters.postgres.statements import Database
from application.ports.recipients import Recipient, RecipientViews
from domain.identity import Hours, Preferences, Profile, User
from domain.mail import MailPreferences
from tests.contracts.examples import a_tenant, later
from tests.contracts.recipients import Knowing, RecipientViewsContract, a_recipient
from tests.contracts.stores import Stores


def preferring(wanted: MailPreferences) -> Preferences:
    hours = wanted.working_hours
    written = None
    if hours is not None:
        written = Hours(days=tuple(hours.days), opens=f"{hours.opens:%H:%M}", closes=f"{hours.closes:%H:%M}")
    preferences = Preferences(working_hours=written)
    return replace(preferences, mail={**preferences.mail, **dict.fromkeys(wanted.off, False)})


def user_of(recipient: Recipient, stores: Stores) -> User:
    return User(
        id=recipient.user_id,
        email=recipient.address,
        name=recipient.name,
        profile=Profile(timezone=str(recipient.preferences.timezone)),
        preferences=preferring(recipient.preferences),
        created_at=later(stores),
    )


class TestPostgresRecipientViews(RecipientViewsContract):
    @pytest.fixture
    @override
    def knowing(self, stores: Stores, database: Database) -> Knowing:
        async def knowing(recipient: Recipient) -> RecipientViews:
            async with stores.begin() as work:
                await work.users.add(user_of(recipient, stores))
                await work.commit(None)
            return PostgresRecipientViews(database)

        return knowing


async def test_who_is_gone_or_kept_out_or_has_no_address_gets_no_letters(stores: Stores, database: Database) -> None:
    views, tenant = PostgresRecipientViews(database), await a_tenant(stores)
    at = later(stores)
    user = user_of(a_recipient(MailPreferences()), stores)
    async with stores.begin() as work:
        await work.users.add(user)
        await work.commit(None)
    assert await views.recipient(user.id)
    for changed in (replace(user, deactivated_at=at), replace(user, email=None), user.deleted(at)):
        async with stores.begin() as work:
            user = await work.users.save(replace(changed, version=user.version), because=tenant.edited(at))
            await work.commit(None)
        assert await views.recipient(user.id) is None


async def test_somebody_is_called_by_their_preferred_name(stores: Stores, database: Database) -> None:
    user = replace(user_of(a_recipient(MailPreferences()), stores), profile=Profile(preferred_name="Addie"))
    async with stores.begin() as work:
        await work.users.add(user)
        await work.commit(None)
    found = await PostgresRecipientViews(database).recipient(user.id)
    assert found is not None
    assert found.name == "Addie"
