import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from application.ports.unit_of_work import UnrecordedError
from domain.errors import EditConflict, NotFound, Unauthenticated
from domain.identity import (
    Credential,
    CredentialKind,
    EmailTaken,
    Hours,
    IdentityLink,
    Preferences,
    Profile,
    SessionLife,
    Theme,
    User,
    issue_key,
    issue_session,
    issue_visitor_token,
)
from domain.ids import CredentialId
from tests.contracts.examples import Tenant, a_conversation, a_tenant, a_user, later, refused
from tests.contracts.stores import Stores


class UsersContract:
    """Every `Users`."""

    async def test_a_user_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            assert await work.users.get(tenant.user.id) == tenant.user

    async def test_an_unknown_user_is_not_found(self, stores: Stores) -> None:
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.users.get(a_user(later(stores)).id)

    async def test_a_user_is_found_by_email_in_any_case(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            assert await work.users.by_email((tenant.user.email or "").upper()) == tenant.user
            assert await work.users.by_email(f"x{tenant.user.email}") is None

    async def test_an_email_belongs_to_one_user(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with refused(stores, EmailTaken) as work:
            await work.users.add(a_user(later(stores), tenant.user.email))

    async def test_a_user_without_an_email_takes_none_from_another(self, stores: Stores) -> None:
        users = [User.new(None, "Nobody", later(stores)) for _ in range(2)]
        async with stores.begin() as work:
            for user in users:
                await work.users.add(user)
            await work.commit(None)
        async with stores.begin() as work:
            assert [await work.users.get(user.id) for user in users] == users

    async def test_saving_replaces_the_version_that_was_read(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        at = later(stores)
        profile = Profile(bio="Paints.", timezone="Europe/Prague", social_links={"Mastodon": "https://a.example/@b"})
        preferences = Preferences(
            theme=Theme.DARK, working_hours=Hours(days=(0, 4), opens="09:00", closes="17:30"), onboarding={"tour": True}
        )
        edited = replace(tenant.user, profile=profile, preferences=preferences, updated_at=at)
        async with stores.begin() as work:
            saved = await work.users.save(edited, because=tenant.edited(at))
            await work.commit(None)
        assert saved == replace(edited, version=edited.version + 1)
        async with stores.begin() as work:
            assert await work.users.get(saved.id) == saved
        async with refused(stores, EditConflict) as work:
            await work.users.save(tenant.user, because=tenant.edited(at))

    async def test_a_user_cannot_take_anothers_email(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        async with refused(stores, EmailTaken) as work:
            await work.users.save(replace(tenant.user, email=other.user.email), because=tenant.edited(later(stores)))


class IdentitiesContract:
    """Every `Identities`."""

    def _link(self, stores: Stores, user: User) -> IdentityLink:
        return IdentityLink(issuer="https://i.example", subject=uuid4().hex, user_id=user.id, created_at=later(stores))

    async def test_a_link_is_stored_as_it_was_and_replaced(self, stores: Stores) -> None:
        user = (await a_tenant(stores)).user
        link = self._link(stores, user)
        for put in (link, replace(link, told_at=later(stores)), replace(link, user_id=None, told_at=later(stores))):
            async with stores.begin() as work:
                await work.identities.put(put)
                await work.commit(None)
            async with stores.begin() as work:
                assert await work.identities.lock(link.issuer, link.subject) == put

    async def test_an_unknown_link_is_none(self, stores: Stores) -> None:
        async with stores.begin() as work:
            assert await work.identities.lock("https://i.example", uuid4().hex) is None

    async def test_a_users_links_are_given_oldest_first(self, stores: Stores) -> None:
        user, other = (await a_tenant(stores)).user, (await a_tenant(stores)).user
        links = [self._link(stores, user) for _ in range(3)]
        async with stores.begin() as work:
            for link in (*reversed(links), self._link(stores, other)):
                await work.identities.put(link)
            await work.commit(None)
        async with stores.begin() as work:
            assert await work.identities.of_user(user.id) == links

    async def test_of_ten_who_see_an_identity_first_one_does(self, stores: Stores) -> None:
        user = (await a_tenant(stores)).user
        link, seen = self._link(stores, user), list[bool]()

        async def see() -> None:
            async with stores.begin() as work:
                known = await work.identities.lock(link.issuer, link.subject)
                await asyncio.sleep(0)
                if known is None:
                    await work.identities.put(link)
                seen.append(known is None)
                await work.commit(None)

        await asyncio.gather(*(see() for _ in range(10)))
        assert sorted(seen) == [False] * 9 + [True]


class CredentialsContract:
    """Every `Credentials`; whether one opens is seen through the store's token callers."""

    async def _stored(self, stores: Stores, tenant: Tenant, *credentials: Credential) -> None:
        async with stores.begin() as work:
            for credential in credentials:
                await work.credentials.add(credential)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)

    async def test_the_keys_of_a_user_with_one_name_are_revoked_and_no_others(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        keys = [issue_key(tenant.user, tenant.id, "laptop", later(stores)) for _ in range(2)]
        kept = [
            issue_key(tenant.user, tenant.id, "phone", later(stores)),
            issue_key(other.user, other.id, "laptop", later(stores)),
        ]
        session, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        kept.append(
            (
                replace(session, kind=CredentialKind.SESSION, ends_at=later(stores)),
                replace(token, kind=CredentialKind.SESSION),
            )
        )
        expired, _ = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        expired = replace(expired, expires_at=expired.created_at - timedelta(days=1))
        await self._stored(stores, tenant, expired, *(credential for credential, _ in [*keys, *kept]))
        for revoked in (2, 0):
            async with stores.begin() as work:
                assert await work.credentials.revoke_named(tenant.user.id, "laptop", later(stores)) == revoked
                work.record(tenant.edited(later(stores)))
                await work.commit(None)
        for _, token in keys:
            with pytest.raises(Unauthenticated):
                await stores.callers.of_token(token.reveal())
        for _, token in kept:
            assert (await stores.callers.of_token(token.reveal())).grants

    async def test_revoking_keys_is_a_change_that_an_event_explains(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        async with refused(stores, UnrecordedError) as work:
            await work.credentials.revoke_named(tenant.user.id, "laptop", later(stores))
        assert (await stores.callers.of_token(token.reveal())).actor == tenant.user.actor

    async def test_a_credential_that_was_not_committed_opens_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        credential, token = issue_visitor_token(conversation.id, tenant.id, later(stores))
        async with stores.begin() as work:
            await work.credentials.add(credential, because=tenant.edited(later(stores)))
        with pytest.raises(Unauthenticated):
            await stores.callers.of_token(token.reveal())

    async def test_a_credential_is_locked_as_it_was_and_saved(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        key, _ = issue_key(
            tenant.user, tenant.id, "laptop", later(stores), expires_at=later(stores) + timedelta(days=1)
        )
        await self._stored(stores, tenant, key)
        async with stores.begin() as work:
            stored = await work.credentials.lock(key.id)
            assert stored == key
            revoked = stored.revoked(later(stores))
            await work.credentials.save(revoked, because=tenant.edited(later(stores)))
            await work.commit(None)
        async with stores.begin() as work:
            assert await work.credentials.lock(key.id) == revoked
            with pytest.raises(NotFound):
                await work.credentials.lock(CredentialId(uuid4()))

    async def test_all_credentials_of_a_kind_are_revoked_but_one(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        life = SessionLife()
        mine = [issue_session(tenant.user.id, "Firefox", later(stores), life) for _ in range(3)]
        theirs = issue_session(other.user.id, "Firefox", later(stores), life)
        key = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, *(credential for credential, _ in (*mine, theirs, key)))
        async with stores.begin() as work:
            revoked = await work.credentials.revoke_all(
                tenant.user.id, {CredentialKind.SESSION}, later(stores), but=mine[0][0].id
            )
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert set(revoked) == {session.id for session, _ in mine[1:]}
        for _, token in mine[1:]:
            with pytest.raises(Unauthenticated):
                await stores.callers.of_token(token.reveal())
        for _, token in (mine[0], theirs, key):
            assert (await stores.callers.of_token(token.reveal())).grants

    async def test_only_the_keys_of_a_workspace_are_revoked_where_one_is_given(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        here = issue_key(tenant.user, tenant.id, "here", later(stores))
        anywhere = issue_key(tenant.user, None, "anywhere", later(stores))
        await self._stored(stores, tenant, here[0], anywhere[0])
        async with refused(stores, UnrecordedError) as work:
            await work.credentials.revoke_all(
                tenant.user.id, {CredentialKind.KEY}, later(stores), workspace_id=tenant.id
            )
        async with stores.begin() as work:
            for expected in ([here[0].id], []):
                assert expected == await work.credentials.revoke_all(
                    tenant.user.id, {CredentialKind.KEY}, later(stores), workspace_id=tenant.id
                )
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert (await stores.callers.of_token(anywhere[1].reveal())).grants
