import secrets
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.access import Role
from domain.actors import Actor, ActorType
from domain.errors import Unauthenticated
from domain.identity import Credential, CredentialKind, KeyIssued, Token, issue_key, issue_visitor_token
from domain.ids import CredentialId
from tests.contracts.examples import Tenant, a_conversation, a_tenant, a_workspace, edited, later
from tests.contracts.stores import Stores

DAY = timedelta(days=1)


class TokenVerifierContract:
    """Every `TokenVerifier` that knows the store's credentials."""

    async def _stored(self, stores: Stores, tenant: Tenant, credential: Credential) -> None:
        event = KeyIssued(
            workspace_id=tenant.id, actor=tenant.user.actor, at=credential.created_at, key_id=credential.id
        )
        async with stores.begin() as work:
            await work.credentials.add(credential, because=event)
            await work.commit(None)

    async def test_a_key_opens_what_its_user_may_do(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        caller = await stores.token_verifier.verify(token.reveal())
        assert caller.actor == tenant.user.actor
        assert caller.roles == {tenant.id: Role.OWNER}
        assert caller.conversation_id is None
        assert caller.may_speak

    async def test_what_a_key_opens_follows_the_memberships_of_the_moment(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        joined = replace(tenant, workspace=a_workspace(tenant.user, later(stores)))
        async with stores.begin() as work:
            await work.workspaces.add(joined.workspace, tenant.user.id, because=joined.created(later(stores)))
            await work.commit(None)
        caller = await stores.token_verifier.verify(token.reveal())
        assert caller.roles == {tenant.id: Role.OWNER, joined.id: Role.OWNER}

    async def test_a_visitors_token_opens_their_conversation_and_no_workspace(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        credential, token = issue_visitor_token(conversation.id, tenant.id, later(stores))
        await self._stored(stores, tenant, credential)
        caller = await stores.token_verifier.verify(token.reveal())
        assert caller.actor == Actor(ActorType.VISITOR, conversation.id, "Visitor")
        assert caller.roles == {}
        assert caller.conversation_id == conversation.id

    async def test_a_visitor_may_speak_while_the_workspace_is_active(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_visitor_token((await a_conversation(stores, tenant)).id, tenant.id, later(stores))
        key, members_token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        await self._stored(stores, tenant, key)
        for active in (True, False, True):
            await edited(stores, tenant, active=active)
            assert (await stores.token_verifier.verify(token.reveal())).may_speak == active
            assert (await stores.token_verifier.verify(members_token.reveal())).may_speak

    async def test_a_wrong_secret_or_kind_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        wrong = Token(token.kind, token.id, secrets.token_urlsafe(32))
        other_kind = Token(CredentialKind.SESSION, token.id, token.secret)
        for bad in (wrong, other_kind):
            with pytest.raises(Unauthenticated):
                await stores.token_verifier.verify(bad.reveal())

    async def test_an_expired_or_revoked_token_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        for change in ("expires_at", "revoked_at"):
            credential, token = issue_key(tenant.user, tenant.id, "old", later(stores) - 2 * DAY)
            ended = replace(credential, **{change: credential.created_at + DAY})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
            await self._stored(stores, tenant, ended)
            with pytest.raises(Unauthenticated):
                await stores.token_verifier.verify(token.reveal())

    async def test_a_token_that_expires_later_opens(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "new", later(stores))
        await self._stored(stores, tenant, replace(credential, expires_at=credential.created_at + 30 * DAY))
        assert (await stores.token_verifier.verify(token.reveal())).actor == tenant.user.actor

    async def test_a_credential_of_nobody_opens_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "nobody", later(stores))
        await self._stored(stores, tenant, replace(credential, user_id=None))
        with pytest.raises(Unauthenticated):
            await stores.token_verifier.verify(token.reveal())

    async def test_an_unknown_token_is_refused(self, stores: Stores) -> None:
        token = Token(CredentialKind.KEY, CredentialId(uuid4()), secrets.token_urlsafe(32))
        with pytest.raises(Unauthenticated):
            await stores.token_verifier.verify(token.reveal())

    @pytest.mark.parametrize(
        "text", ["", "fd", "fd_key_", "fd_key_x_y", "Bearer x", "fd_key_" + "0" * 32, "\x00", "fd_key_é_é", "x" * 9000]
    )
    async def test_any_other_text_is_refused(self, stores: Stores, text: str) -> None:
        with pytest.raises(Unauthenticated):
            await stores.token_verifier.verify(text)
