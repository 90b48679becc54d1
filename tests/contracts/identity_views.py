from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.identity_views import KeyView
from domain.identity import Credential, SessionLife, User, issue_key, issue_session
from domain.ids import UserId
from domain.pages import InvalidCursor
from domain.permissions import Permission
from tests.contracts.examples import Tenant, a_tenant, later
from tests.contracts.stores import Stores


class KeyViewsContract:
    """Every `KeyViews`."""

    async def _stored(self, stores: Stores, tenant: Tenant, *credentials: Credential) -> None:
        async with stores.begin() as work:
            for credential in credentials:
                await work.credentials.add(credential)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)

    async def test_a_workspaces_keys_come_newest_first_in_pages(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        keys = [
            issue_key(tenant.user, tenant.id, str(n), later(stores), permissions=frozenset({Permission.SERVICE_READ}))[
                0
            ]
            for n in range(3)
        ]
        elsewhere = [issue_key(tenant.user, None, "mine", later(stores))[0]]
        elsewhere.append(issue_key(other.user, other.id, "other", later(stores))[0])
        elsewhere.append(issue_session(tenant.user.id, "Firefox", later(stores), SessionLife())[0])
        await self._stored(stores, tenant, *keys, *elsewhere)
        first = await stores.keys.keys(tenant.id, later(stores), None, 2)
        rest = await stores.keys.keys(tenant.id, later(stores), first.next_cursor, 2)
        assert [*first.items, *rest.items] == [KeyView.of(key, tenant.user) for key in reversed(keys)]
        assert rest.next_cursor is None

    async def test_keys_that_open_nothing_are_not_shown(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        at = later(stores)
        expired, _ = issue_key(tenant.user, tenant.id, "expired", at, expires_at=at + timedelta(days=1))
        revoked, _ = issue_key(tenant.user, tenant.id, "revoked", at)
        await self._stored(stores, tenant, expired, replace(revoked, revoked_at=at))
        assert (await stores.keys.keys(tenant.id, at, None, 25)).items == [KeyView.of(expired, tenant.user)]
        assert (await stores.keys.keys(tenant.id, at + timedelta(days=1), None, 25)).items == []

    async def test_another_lists_cursor_is_refused(self, stores: Stores) -> None:
        with pytest.raises(InvalidCursor):
            await stores.keys.keys((await a_tenant(stores)).id, later(stores), "x", 25)


class UserViewsContract:
    """Every `UserViews`."""

    async def test_a_user_is_shown_until_they_are_deleted(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assert await stores.users.user(tenant.user.id) == tenant.user
        async with stores.begin() as work:
            await work.users.save(tenant.user.deleted(later(stores)), because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.users.user(tenant.user.id) is None

    async def test_an_unknown_user_is_none(self, stores: Stores) -> None:
        stranger = User.new(None, "Nobody", later(stores))
        assert await stores.users.user(UserId(stranger.id)) is None
