import pytest

from domain.errors import NotFound, Unauthenticated
from domain.identity import EmailTaken, issue_visitor_token
from tests.contracts.examples import a_conversation, a_tenant, a_user, later, refused
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

    async def test_all_tokens_of_a_conversation_are_revoked_at_once_and_no_others(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation, other = await a_conversation(stores, tenant), await a_conversation(stores, tenant)
        first, one = issue_visitor_token(conversation.id, tenant.id, later(stores))
        second, two = issue_visitor_token(conversation.id, tenant.id, later(stores))
        third, kept = issue_visitor_token(other.id, tenant.id, later(stores))
        async with stores.begin() as work:
            for credential in (first, second, third):
                await work.credentials.add(credential)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        async with stores.begin() as work:
            await work.credentials.revoke_all(conversation.id)
            await work.commit(None)
        for token in (one, two):
            with pytest.raises(Unauthenticated):
                await stores.token_verifier.verify(token.reveal())
        assert (await stores.token_verifier.verify(kept.reveal())).conversation_id == other.id

    async def test_a_credential_that_was_not_committed_opens_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        credential, token = issue_visitor_token(conversation.id, tenant.id, later(stores))
        async with stores.begin() as work:
            await work.credentials.add(credential, because=tenant.edited(later(stores)))
        with pytest.raises(Unauthenticated):
            await stores.token_verifier.verify(token.reveal())
