from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from domain.actors import FORMER_MEMBER, ActorType
from domain.conversations import ConversationTakenOver
from domain.errors import NotFound
from domain.identity import KeyIssued, OneTimeToken, UserDeleted, issue_key
from domain.ids import CredentialId, UserId
from domain.knowledge import Source, SourceKind, Standing, passages_of
from tests.contracts.examples import (
    Tenant,
    a_companion,
    a_conversation,
    a_tenant,
    ask_companion,
    later,
    post,
    posted_event,
    refused,
)
from tests.contracts.stores import Stores


async def forget(stores: Stores, tenant: Tenant, user_id: UserId) -> None:
    async with stores.begin() as work:
        await work.former_members.forget(user_id)
        deleted = UserDeleted(workspace_id=tenant.id, actor=tenant.user.actor, at=later(stores), user_id=user_id)
        work.record(deleted)
        await work.commit(None)


async def a_key(stores: Stores, tenant: Tenant) -> CredentialId:
    at = later(stores)
    credential, _ = issue_key(tenant.user, tenant.id, "robot", at)
    async with stores.begin() as work:
        issued = KeyIssued.of(credential, tenant.id, by=tenant.user.actor, at=at)
        await work.credentials.add(credential, because=issued)
        return await work.commit(credential.id)


async def _findable(stores: Stores, tenant: Tenant) -> Source:
    """What the tenant's user has said to their companion, and finds again."""
    said = await ask_companion(stores, await a_companion(stores, tenant), tenant, "My PIN is 1234.")
    source, owner_id = Source(SourceKind.MESSAGE, said.message.id), tenant.user.id
    standing = Standing(owner_id=owner_id, reader_id=owner_id, at=said.message.created_at)
    found = passages_of(tenant.id, source, said.message.content, said.message.created_at)
    async with stores.begin() as work:
        await work.passages.replace(tenant.id, source, found, standing, "en")
        work.record(tenant.edited(later(stores)))
        await work.commit(None)
    return source


class FormerMembersContract:
    """Every `FormerMembers`."""

    async def test_what_the_user_said_and_handles_is_a_former_members(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        await post(stores, conversation)
        at = later(stores)
        async with stores.begin() as work:
            for author in (tenant.user.actor, other.user.actor):
                locked = await work.conversations.lock(conversation.id)
                said, message = locked.said_by_member("Hello.", author, at)
                await work.messages.add(message, because=posted_event(message))
                await work.conversations.save(said)
            locked = await work.conversations.lock(conversation.id)
            taken = ConversationTakenOver(
                workspace_id=tenant.id, actor=tenant.user.actor, at=at, conversation_id=conversation.id
            )
            before = await work.conversations.save(locked.taken_over(tenant.user.actor, at), because=taken)
            await work.commit(None)
        await forget(stores, tenant, tenant.user.id)
        page = await stores.conversations.messages(conversation.id, None, 10)
        authors = [message.author for message in page.items if message.author.type is ActorType.USER]
        assert [author.name for author in authors] == [FORMER_MEMBER, other.user.name]
        assert [author.id for author in authors] == [tenant.user.id, other.user.id]
        async with stores.begin() as work:
            after = await work.conversations.lock(conversation.id)
        assert after.handler
        assert (after.handler.id, after.handler.name) == (tenant.user.id, FORMER_MEMBER)
        assert after.version == before.version + 1

    async def test_what_was_said_to_their_companion_is_gone(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        gone, kept = [await a_companion(stores, each) for each in (tenant, other)]
        said = await ask_companion(stores, gone, tenant)
        visited = await a_conversation(stores, tenant)
        await forget(stores, tenant, tenant.user.id)
        assert await stores.conversations.place_of(gone.id) is None
        assert await stores.conversations.run(said.run.id) is None
        assert await stores.conversations.conversation_of(said.message.id) is None
        for left in (kept, visited):
            assert await stores.conversations.place_of(left.id) is not None

    async def test_what_was_said_is_found_no_more_also_where_they_do_not_belong_any_more(self, stores: Stores) -> None:
        host, guest = await a_tenant(stores), await a_tenant(stores)
        gone, kept = [await _findable(stores, replace(host, user=user)) for user in (guest.user, host.user)]
        await forget(stores, guest, guest.user.id)
        async with stores.begin() as work:
            assert not await work.passages.of(gone)
            assert [passage.text for passage in await work.passages.of(kept)] == ["My PIN is 1234."]

    async def test_no_credential_or_mailed_link_is_left(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        gone, stays = await a_key(stores, tenant), await a_key(stores, other)
        at = later(stores)
        token, _ = OneTimeToken.to_recover(tenant.user.id, f"{uuid4().hex}@example.com", at)
        async with stores.begin() as work:
            await work.one_time_tokens.add(token)
            await work.commit(None)
        await forget(stores, tenant, tenant.user.id)
        async with refused(stores, NotFound) as work:
            await work.credentials.lock(gone)
        async with stores.begin() as work:
            assert (await work.credentials.lock(stays)).user_id == other.user.id
            assert await work.one_time_tokens.get(token.id) is None

    async def test_nothing_is_forgotten_without_a_commit(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        key = await a_key(stores, tenant)
        async with stores.begin() as work:
            await work.former_members.forget(tenant.user.id)
        async with stores.begin() as work:
            assert (await work.credentials.lock(key)).holds(later(stores) + timedelta(days=1))
