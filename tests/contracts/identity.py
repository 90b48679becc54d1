from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.unit_of_work import UnrecordedError
from domain.errors import NotFound, Unauthenticated
from domain.identity import Credential, CredentialKind, EmailTaken, issue_key, issue_visitor_token
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
            assert await work.users.by_email(tenant.user.email.upper()) == tenant.user
            assert await work.users.by_email(f"x{tenant.user.email}") is None

    async def test_an_email_belongs_to_one_user(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with refused(stores, EmailTaken) as work:
            await work.users.add(a_user(later(stores), tenant.user.email))


class CredentialsContract:
    """Every `Credentials`; whether one opens is seen through the store's token verifier."""

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
        kept.append((replace(session, kind=CredentialKind.SESSION), replace(token, kind=CredentialKind.SESSION)))
        expired, _ = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        expired = replace(expired, expires_at=expired.created_at - timedelta(days=1))
        await self._stored(stores, tenant, expired, *(credential for credential, _ in [*keys, *kept]))
        for revoked in (2, 0):
            async with stores.begin() as work:
                assert await work.credentials.revoke_named(tenant.user.id, "laptop") == revoked
                work.record(tenant.edited(later(stores)))
                await work.commit(None)
        for _, token in keys:
            with pytest.raises(Unauthenticated):
                await stores.token_verifier.verify(token.reveal())
        for _, token in kept:
            assert (await stores.token_verifier.verify(token.reveal())).roles

    async def test_revoking_keys_is_a_change_that_an_event_explains(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        async with refused(stores, UnrecordedError) as work:
            await work.credentials.revoke_named(tenant.user.id, "laptop")
        assert (await stores.token_verifier.verify(token.reveal())).actor == tenant.user.actor

    async def test_a_credential_that_was_not_committed_opens_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        credential, token = issue_visitor_token(conversation.id, tenant.id, later(stores))
        async with stores.begin() as work:
            await work.credentials.add(credential, because=tenant.edited(later(stores)))
        with pytest.raises(Unauthenticated):
            await stores.token_verifier.verify(token.reveal())
