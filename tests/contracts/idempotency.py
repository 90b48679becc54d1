import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from application.ports.idempotency import REQUEST_KEY, KeyUsed, RequestKey
from application.ports.memories import MemoryView
from application.ports.unit_of_work import UnrecordedError
from domain.conversations import Channel, Conversation
from domain.errors import NotFound
from domain.ids import ConversationId
from domain.jobs import Claim
from domain.memories import Memory, MemoryRetention
from tests.contracts.examples import (
    Tenant,
    a_conversation,
    a_job,
    a_tenant,
    add_jobs,
    claim_one,
    conversation_started,
    erase,
    later,
    post,
    say_as_member,
)
from tests.contracts.stores import Stores

AGES = timedelta(days=365)


def a_key(
    body: bytes = b"{}",
    scope: bytes | None = None,
    key: str = "key 1",
    conversation_id: ConversationId | None = None,
) -> RequestKey:
    return RequestKey(
        scope=scope or sha256(uuid4().bytes).digest(),
        key=key,
        digest=sha256(body).digest(),
        conversation_id=conversation_id,
        seal=lambda answer: f"sealed {answer}".encode(),
    )


@contextmanager
def requested(key: RequestKey) -> Generator[None]:
    """Serves the request that carries the key."""
    token = REQUEST_KEY.set(key)
    try:
        yield
    finally:
        REQUEST_KEY.reset(token)


async def a_thread(stores: Stores, tenant: Tenant) -> Conversation:
    conversation = Conversation.begun_on(Channel.SMS, "+420123", tenant.id, later(stores))
    async with stores.begin() as work:
        await work.conversations.add(conversation, because=conversation_started(conversation))
        return await work.commit(conversation)


def long_ago(stores: Stores) -> datetime:
    return stores.clock.now() - AGES


class IdempotencyKeysContract:
    """Every `IdempotencyKeys`, with the units of work that keep them."""

    async def _edit(self, stores: Stores, tenant: Tenant, answer: object, claim: Claim | None = None) -> None:
        async with stores.begin(claim) as work:
            work.record(tenant.edited(later(stores)))
            await work.commit(answer)

    async def test_the_sealed_answer_is_stored_with_the_commit(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key(b"body")
        with requested(key):
            await self._edit(stores, tenant, "answer")
        stored = await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        assert stored is not None
        assert (stored.digest, stored.answer) == (key.digest, b"sealed answer")

    async def test_a_repeat_is_refused_on_entering(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        with requested(key):
            await self._edit(stores, tenant, 1)
        with requested(key), pytest.raises(KeyUsed):
            async with stores.begin():
                pytest.fail("The unit was entered.")
        with requested(a_key(b"another body", key.scope)), pytest.raises(KeyUsed):
            await self._edit(stores, tenant, 2)
        assert await stores.activity.head(tenant.id) == 2

    async def test_the_first_unit_of_a_request_to_commit_takes_its_key_and_later_ones_carry_none(
        self, stores: Stores
    ) -> None:
        tenant, key = await a_tenant(stores), a_key()
        with requested(key):
            async with stores.begin() as work:
                work.record(tenant.edited(later(stores)))
            await self._edit(stores, tenant, "first")
            await self._edit(stores, tenant, "second")
        stored = await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        assert stored is not None
        assert stored.answer == b"sealed first"
        assert await stores.activity.head(tenant.id) == 3
        with requested(key), pytest.raises(KeyUsed):
            await self._edit(stores, tenant, "repeat")

    async def test_keys_of_different_scopes_and_different_keys_never_meet(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        for other in (key, a_key(key="key 1"), a_key(scope=key.scope, key="key 2"), a_key(key="🔑" * 50)):
            with requested(other):
                await self._edit(stores, tenant, None)
        assert await stores.activity.head(tenant.id) == 5

    async def test_a_unit_that_was_undone_leaves_its_key_free(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        with requested(key):
            async with stores.begin() as work:
                work.record(tenant.edited(later(stores)))
            assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None
            await self._edit(stores, tenant, "second try")
        stored = await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        assert stored is not None
        assert stored.answer == b"sealed second try"

    async def test_a_commit_that_was_refused_leaves_its_key_free(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        conversation = await a_conversation(stores, tenant)
        with requested(key):
            async with stores.begin() as work:
                await work.conversations.save(conversation)
                with pytest.raises(UnrecordedError):
                    await work.commit(None)
            await self._edit(stores, tenant, None)
        assert await stores.activity.head(tenant.id) == 3

    async def test_of_ten_at_once_with_one_key_one_commits(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()

        async def request(number: int) -> int | None:
            try:
                await self._edit(stores, tenant, number)
            except KeyUsed:
                return None
            return number

        with requested(key):
            numbers = await asyncio.gather(*(request(number) for number in range(10)))
        committed = [number for number in numbers if number is not None]
        stored = await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        assert stored is not None
        assert [stored.answer] == [f"sealed {number}".encode() for number in committed]
        assert await stores.activity.head(tenant.id) == 2

    async def test_a_repeat_waits_for_the_first_and_goes_on_when_that_is_undone(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        with requested(key):
            async with stores.begin(), asyncio.timeout(10):
                repeat = asyncio.create_task(self._edit(stores, tenant, "repeat"))
                await asyncio.wait([repeat], timeout=0.05)
                assert not repeat.done()
            await repeat
        assert await stores.activity.head(tenant.id) == 2

    async def test_a_unit_for_a_claim_reads_no_key(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        with requested(key):
            await self._edit(stores, tenant, None, claim)
            await self._edit(stores, tenant, None, claim)
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None

    async def test_an_answer_is_found_only_since_it_was_stored(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        with requested(key):
            await self._edit(stores, tenant, None)
        assert await stores.idempotency_keys.find(key.scope, key.key, since=stores.clock.now() + AGES) is None
        assert await stores.idempotency_keys.find(key.scope, "another", since=long_ago(stores)) is None

    async def test_a_key_is_free_again_after_a_day(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        with requested(key):
            await self._edit(stores, tenant, "first")
        stores.clock.advance(timedelta(hours=23, minutes=59))
        with requested(key), pytest.raises(KeyUsed):
            await self._edit(stores, tenant, "repeat")
        stores.clock.advance(timedelta(minutes=2))
        with requested(key):
            await self._edit(stores, tenant, "another")
        stored = await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        assert stored is not None
        assert stored.answer == b"sealed another"

    async def test_old_keys_are_forgotten(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        with requested(key):
            await self._edit(stores, tenant, None)
        assert await stores.idempotency_keys.purge(long_ago(stores)) == 0
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is not None
        assert await stores.idempotency_keys.purge(stores.clock.now() + AGES) >= 1
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None
        with requested(key):
            await self._edit(stores, tenant, None)

    async def test_a_visitors_key_is_erased_with_the_conversation_and_no_others(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation, other = await a_conversation(stores, tenant), await a_conversation(stores, tenant)
        gone, *kept = [a_key(conversation_id=each) for each in (conversation.id, other.id, None)]
        for key in (gone, *kept):
            with requested(key):
                await self._edit(stores, tenant, "What I said")
        await erase(stores, conversation)
        assert await stores.idempotency_keys.find(gone.scope, gone.key, since=long_ago(stores)) is None
        for key in kept:
            assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))

    async def test_the_key_under_which_a_conversation_was_started_is_erased_with_it(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        with requested(key):
            conversation = await a_conversation(stores, tenant)
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        await erase(stores, conversation)
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None

    async def test_the_key_under_which_a_member_wrote_is_erased_with_the_conversation(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        key = a_key()
        with requested(key):
            await say_as_member(stores, conversation)
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        await erase(stores, conversation)
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None

    async def test_the_key_whose_answer_tells_of_a_memory_is_erased_with_it_and_no_others(self, stores: Stores) -> None:
        tenant, added, edited, kept = await a_tenant(stores), a_key(), a_key(), a_key()
        memory = Memory.added(tenant.id, tenant.user.id, {"content": "Ann"}, MemoryRetention(), later(stores))
        with requested(added):
            async with stores.begin() as work:
                await work.memories.add(memory, because=tenant.edited(later(stores)))
                await work.commit(MemoryView.of(memory))
        with requested(edited):
            await self._edit(stores, tenant, MemoryView.of(memory))
        with requested(kept):
            await self._edit(stores, tenant, "Not of it")
        for key in (added, edited):
            assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        async with stores.begin() as work:
            await work.memories.remove(memory, because=tenant.edited(later(stores)))
            await work.commit(None)
        for key in (added, edited):
            assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None
        assert await stores.idempotency_keys.find(kept.scope, kept.key, since=long_ago(stores))
        with requested(a_key()), pytest.raises(NotFound):
            await self._edit(stores, tenant, MemoryView.of(memory))

    async def test_the_key_whose_answer_tells_of_a_memory_goes_with_its_workspace(self, stores: Stores) -> None:
        tenant, key = await a_tenant(stores), a_key()
        memory = Memory.added(tenant.id, tenant.user.id, {"content": "Ann"}, MemoryRetention(), later(stores))
        with requested(key):
            async with stores.begin() as work:
                await work.memories.add(memory, because=tenant.edited(later(stores)))
                await work.commit(MemoryView.of(memory))
        async with stores.begin() as work:
            await work.workspaces.remove(tenant.workspace, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None

    @pytest.mark.parametrize("by_thread", [False, True])
    async def test_the_key_under_which_a_conversation_was_locked_and_not_changed_is_erased_with_it(
        self, stores: Stores, *, by_thread: bool
    ) -> None:
        conversation, key = await a_thread(stores, await a_tenant(stores)), a_key()
        with requested(key):
            async with stores.begin() as work:
                if by_thread:
                    thread = conversation.workspace_id, conversation.channel, str(conversation.external_id)
                    assert await work.conversations.lock_thread(*thread) == conversation
                else:
                    await work.conversations.lock(conversation.id)
                await work.commit("What was said")
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores))
        await erase(stores, conversation)
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None

    async def test_nothing_is_kept_for_a_visitor_whose_conversation_was_erased_meanwhile(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        key = a_key(conversation_id=conversation.id)
        with requested(key):
            async with stores.begin() as work:
                work.record(tenant.edited(later(stores)))
                token = REQUEST_KEY.set(None)
                await erase(stores, conversation)
                REQUEST_KEY.reset(token)
                head = await stores.activity.head(tenant.id)
                with pytest.raises(NotFound):
                    await work.commit("What I said")
        assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None
        assert await stores.activity.head(tenant.id) == head

    async def test_posts_and_an_erasure_at_once_wait_for_each_other_and_leave_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        keys = [a_key(conversation_id=conversation.id) for _ in range(6)]

        async def request(key: RequestKey) -> None:
            with requested(key), suppress(NotFound):
                await post(stores, conversation)

        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            for key in keys[:3]:
                group.create_task(request(key))
            group.create_task(erase(stores, conversation))
            for key in keys[3:]:
                group.create_task(request(key))
        for key in keys:
            assert await stores.idempotency_keys.find(key.scope, key.key, since=long_ago(stores)) is None
