import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.access import ACCOUNT, ADMINISTRATION, Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.errors import Unauthenticated
from domain.identity import (
    Credential,
    CredentialKind,
    IdentityLink,
    KeyIssued,
    SessionLife,
    Token,
    User,
    VerifiedIdentity,
    issue_key,
    issue_session,
    issue_visitor_token,
)
from domain.ids import CredentialId
from domain.permissions import KEY_PERMISSIONS, Permission
from tests.contracts.examples import Tenant, a_conversation, a_tenant, a_workspace, edited, later
from tests.contracts.stores import Stores

DAY = timedelta(days=1)


async def joined(stores: Stores, user: User) -> Tenant:
    """Another workspace of the user."""
    other = Tenant(user=user, workspace=a_workspace(user, later(stores)))
    async with stores.begin() as work:
        await work.workspaces.add(other.workspace, user.id, because=other.created(later(stores)))
        return await work.commit(other)


async def linked(stores: Stores, user: User) -> IdentityLink:
    link = IdentityLink(
        issuer="https://issuer.example", subject=f"user_{uuid4().hex}", user_id=user.id, created_at=later(stores)
    )
    async with stores.begin() as work:
        await work.identities.put(link)
        return await work.commit(link)


def identity_of(link: IdentityLink) -> VerifiedIdentity:
    return VerifiedIdentity(
        issuer=link.issuer, subject=link.subject, expires_at=datetime(2100, 1, 1, tzinfo=UTC), email="x@example.com"
    )


class CallersContract:
    """Every `Callers` that knows the store's credentials."""

    async def _stored(self, stores: Stores, tenant: Tenant, credential: Credential) -> None:
        event = KeyIssued.of(credential, tenant.id, by=tenant.user.actor, at=credential.created_at)
        async with stores.begin() as work:
            await work.credentials.add(credential, because=event)
            await work.commit(None)

    async def test_a_key_opens_what_its_user_may_do(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        caller = await stores.callers.of_token(token.reveal())
        assert caller.actor == tenant.user.actor
        assert caller.grants == {tenant.id: Grant.of(Role.OWNER, KEY_PERMISSIONS)}
        assert caller.conversation_id is None
        assert caller.may_speak

    async def test_what_a_key_opens_follows_the_memberships_of_the_moment(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, None, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        other = await joined(stores, tenant.user)
        caller = await stores.callers.of_token(token.reveal())
        assert set(caller.grants) == {tenant.id, other.id}

    async def test_a_visitors_token_opens_their_conversation_and_no_workspace(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        credential, token = issue_visitor_token(conversation.id, tenant.id, later(stores))
        await self._stored(stores, tenant, credential)
        caller = await stores.callers.of_token(token.reveal())
        assert caller.actor == Actor(ActorType.VISITOR, conversation.id, "Visitor")
        assert caller.grants == {}
        assert caller.conversation_id == conversation.id

    async def test_a_visitor_may_speak_while_the_workspace_is_active(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_visitor_token((await a_conversation(stores, tenant)).id, tenant.id, later(stores))
        key, members_token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        await self._stored(stores, tenant, key)
        for active in (True, False, True):
            await edited(stores, tenant, active=active)
            assert (await stores.callers.of_token(token.reveal())).may_speak == active
            assert (await stores.callers.of_token(members_token.reveal())).may_speak

    async def test_a_wrong_secret_or_kind_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        await self._stored(stores, tenant, credential)
        wrong = Token(token.kind, token.id, secrets.token_urlsafe(32))
        other_kind = Token(CredentialKind.SESSION, token.id, token.secret)
        for bad in (wrong, other_kind):
            with pytest.raises(Unauthenticated):
                await stores.callers.of_token(bad.reveal())

    async def test_an_expired_or_revoked_token_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        for change in ("expires_at", "revoked_at"):
            credential, token = issue_key(tenant.user, tenant.id, "old", later(stores) - 2 * DAY)
            ended = replace(credential, **{change: credential.created_at + DAY})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
            await self._stored(stores, tenant, ended)
            with pytest.raises(Unauthenticated):
                await stores.callers.of_token(token.reveal())

    async def test_a_token_that_expires_later_opens(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(tenant.user, tenant.id, "new", later(stores))
        await self._stored(stores, tenant, replace(credential, expires_at=credential.created_at + 30 * DAY))
        assert (await stores.callers.of_token(token.reveal())).actor == tenant.user.actor

    async def test_a_key_of_one_workspace_opens_that_alone_and_no_account(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await joined(stores, tenant.user)
        credential, token = issue_key(
            tenant.user, tenant.id, "narrow", later(stores), permissions=frozenset({Permission.SERVICE_READ})
        )
        await self._stored(stores, tenant, credential)
        caller = await stores.callers.of_token(token.reveal())
        assert caller.grants == {tenant.id: Grant.of(Role.OWNER, frozenset({Permission.SERVICE_READ}))}
        assert caller.own == frozenset()
        assert (caller.credential_id, caller.by_key) == (credential.id, True)

    async def test_a_key_of_no_workspace_opens_its_users_account_as_far_as_it_goes(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        credential, token = issue_key(
            tenant.user, None, "mine", later(stores), permissions=frozenset({Permission.ACCOUNT_READ})
        )
        await self._stored(stores, tenant, credential)
        assert (await stores.callers.of_token(token.reveal())).own == {Permission.ACCOUNT_READ}

    async def test_a_session_opens_all_its_user_may_and_lives_by_its_use(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        start = later(stores)
        session, token = issue_session(tenant.user.id, "Firefox", start, SessionLife())
        await self._stored(stores, tenant, session)
        for _ in range(6):  # used each 13 of the 14 days it may rest
            stores.clock.advance(13 * DAY)
            caller = await stores.callers.of_token(token.reveal())
            assert caller.grants == {tenant.id: Grant.of(Role.OWNER)}
            assert caller.own == ACCOUNT
        async with stores.begin() as work:
            stored = await work.credentials.lock(session.id)
        assert stored.last_used_at == start + 6 * 13 * DAY
        assert stored.expires_at == stored.ends_at == start + 90 * DAY
        stores.clock.advance(12 * DAY)
        with pytest.raises(Unauthenticated):
            await stores.callers.of_token(token.reveal())

    async def test_a_session_that_rests_too_long_is_over(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        session, token = issue_session(tenant.user.id, "Firefox", later(stores), SessionLife())
        await self._stored(stores, tenant, session)
        stores.clock.advance(14 * DAY)
        with pytest.raises(Unauthenticated):
            await stores.callers.of_token(token.reveal())

    async def test_the_use_of_a_key_is_noted_and_does_not_prolong_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        key, token = issue_key(tenant.user, None, "k", later(stores), expires_at=later(stores) + DAY)
        await self._stored(stores, tenant, key)
        await stores.callers.of_token(token.reveal())
        async with stores.begin() as work:
            stored = await work.credentials.lock(key.id)
        assert stored.last_used_at == stores.clock.now()
        assert stored.expires_at == key.expires_at

    async def test_a_user_who_is_kept_out_or_gone_opens_nothing(self, stores: Stores) -> None:
        for ended in ("deactivated", "deleted"):
            tenant = await a_tenant(stores)
            key, token = issue_key(tenant.user, None, "k", later(stores))
            await self._stored(stores, tenant, key)
            link = await linked(stores, tenant.user)
            at = later(stores)
            kept_out = replace(tenant.user, deactivated_at=at) if ended == "deactivated" else tenant.user.deleted(at)
            async with stores.begin() as work:
                await work.users.save(kept_out, because=tenant.edited(at))
                await work.commit(None)
            with pytest.raises(Unauthenticated):
                await stores.callers.of_token(token.reveal())
            with pytest.raises(Unauthenticated):
                await stores.callers.of_identity(identity_of(link))

    async def test_an_administrator_may_look_after_the_instance(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        session, token = issue_session(tenant.user.id, "Firefox", later(stores), SessionLife())
        await self._stored(stores, tenant, session)
        async with stores.begin() as work:
            await work.users.save(replace(tenant.user, administrator=True), because=tenant.edited(later(stores)))
            await work.commit(None)
        assert (await stores.callers.of_token(token.reveal())).own == ADMINISTRATION

    async def test_a_suspended_workspace_can_only_be_read_and_its_visitors_are_silent(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        key, token = issue_key(tenant.user, None, "k", later(stores))
        visitor, visitors_token = issue_visitor_token(
            (await a_conversation(stores, tenant)).id, tenant.id, later(stores)
        )
        await self._stored(stores, tenant, key)
        await self._stored(stores, tenant, visitor)
        await edited(stores, tenant, suspended_at=later(stores))
        caller = await stores.callers.of_token(token.reveal())
        assert caller.grants[tenant.id] == Grant.of(Role.OWNER, KEY_PERMISSIONS, suspended=True)
        assert not (await stores.callers.of_token(visitors_token.reveal())).may_speak

    async def test_an_identity_is_the_user_it_is_linked_to(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        link = await linked(stores, tenant.user)
        caller = await stores.callers.of_identity(identity_of(link))
        assert caller == Caller(actor=tenant.user.actor, grants={tenant.id: Grant.of(Role.OWNER)}, own=ACCOUNT)
        assert await stores.callers.of_identity(replace(identity_of(link), issuer="https://other.example")) is None
        assert await stores.callers.of_identity(replace(identity_of(link), subject="other")) is None

    async def test_an_identity_that_its_issuer_deleted_opens_nothing(self, stores: Stores) -> None:
        link = await linked(stores, (await a_tenant(stores)).user)
        async with stores.begin() as work:
            await work.identities.put(replace(link, user_id=None))
            await work.commit(None)
        with pytest.raises(Unauthenticated):
            await stores.callers.of_identity(identity_of(link))

    async def test_an_unknown_token_is_refused(self, stores: Stores) -> None:
        token = Token(CredentialKind.KEY, CredentialId(uuid4()), secrets.token_urlsafe(32))
        with pytest.raises(Unauthenticated):
            await stores.callers.of_token(token.reveal())

    @pytest.mark.parametrize(
        "text", ["", "fd", "fd_key_", "fd_key_x_y", "Bearer x", "fd_key_" + "0" * 32, "\x00", "fd_key_é_é", "x" * 9000]
    )
    async def test_any_other_text_is_refused(self, stores: Stores, text: str) -> None:
        with pytest.raises(Unauthenticated):
            await stores.callers.of_token(text)
