"""What the hot paths cost: a change that makes one dearer is seen here."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from psycopg import AsyncConnection, AsyncCursor, AsyncTransaction
from typing_extensions import override

from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Database
from application.conversations.post_message import PostMessage, PostMessageCommand
from application.ports.idempotency import REQUEST_KEY, RequestKey
from domain.access import Caller
from domain.conversations import Conversation
from domain.identity import issue_key, issue_visitor_token
from tests.adapters.postgres.conftest import stores_of
from tests.contracts.examples import Tenant, a_conversation, a_service, a_tenant, claim_one, later, post
from tests.contracts.stores import Stores

SENT: list[str] = []


class CountedConnection(AsyncConnection[tuple[Any, ...]]):
    """Notes what is sent."""

    @override
    async def execute(self, query: Any, *arguments: Any, **options: Any) -> AsyncCursor[tuple[Any, ...]]:
        SENT.append(query.decode().split()[0])
        return await super().execute(query, *arguments, **options)

    @override
    @asynccontextmanager
    async def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> AsyncGenerator[AsyncTransaction, None]:
        SENT.append("BEGIN")
        async with super().transaction(savepoint_name, force_rollback) as block:
            yield block
        SENT.append("END")


@pytest.fixture(scope="session")
async def counted_database(database_url: str) -> AsyncIterator[Database]:
    async with open_pool(database_url, 4, connection_class=CountedConnection) as pool:
        yield Database(pool)


@pytest.fixture
def counted(counted_database: Database) -> Stores:
    return stores_of(counted_database)


@pytest.fixture
async def tenant(stores: Stores) -> Tenant:
    return await a_tenant(stores)


@pytest.fixture
async def conversation(stores: Stores, tenant: Tenant) -> Conversation:
    return await a_conversation(stores, tenant)


async def test_reading_with_a_token_takes_two_statements(counted: Stores, stores: Stores, tenant: Tenant) -> None:
    credential, token = issue_key(tenant.user, tenant.id, "test", later(stores))
    async with stores.begin() as work:
        await work.credentials.add(credential, because=tenant.edited(later(stores)))
        await work.commit(None)
    reads: list[Callable[[], Awaitable[object]]] = [
        lambda: counted.workspaces.workspace(tenant.id),
        lambda: counted.scheduling.services(tenant.id, None, 25),
        lambda: counted.jobs.jobs(tenant.id, None, None, None, 25),
    ]
    for read in reads:
        SENT.clear()
        caller = await counted.token_verifier.verify(token.reveal())
        assert tenant.id in caller.roles
        await read()
        assert SENT == ["SELECT", "SELECT"]


async def test_a_visitor_reads_messages_with_two_statements(
    counted: Stores, stores: Stores, tenant: Tenant, conversation: Conversation
) -> None:
    credential, token = issue_visitor_token(conversation.id, tenant.id, later(stores))
    async with stores.begin() as work:
        await work.credentials.add(credential, because=tenant.edited(later(stores)))
        await work.commit(None)
    posted = await post(stores, conversation)
    page = await stores.conversations.messages(conversation.id, None, 25)
    for since in (None, page.next_cursor, str(posted.message.id)):
        SENT.clear()
        await counted.token_verifier.verify(token.reveal())
        await counted.conversations.messages(conversation.id, since, 25)
        assert SENT == ["SELECT", "SELECT"]


async def test_the_public_page_of_a_business_takes_two_statements(
    counted: Stores, stores: Stores, tenant: Tenant
) -> None:
    await a_service(stores, tenant)
    SENT.clear()
    assert await counted.workspaces.public(str(tenant.workspace.handle))
    assert SENT == ["SELECT", "SELECT"]


async def test_posting_a_message_takes_one_transaction_of_seven_statements(
    counted: Stores, conversation: Conversation
) -> None:
    SENT.clear()
    caller = Caller(actor=conversation.visitor_actor, conversation_id=conversation.id)
    command = PostMessageCommand(conversation_id=conversation.id, content="What does it cost?")
    await PostMessage(counted.begin, counted.clock)(caller, command)
    # lock, active runs, message, run, job, conversation, activity
    assert SENT == ["BEGIN", "SELECT", "SELECT", "INSERT", "INSERT", "INSERT", "UPDATE", "with", "END"]


async def test_an_idempotency_key_adds_two_statements_to_a_transaction(counted: Stores, tenant: Tenant) -> None:
    SENT.clear()
    request = RequestKey(scope=tenant.id.bytes, key="1", digest=b"", seal=lambda _: b"sealed")
    token = REQUEST_KEY.set(request)
    try:
        async with counted.begin() as work:
            work.record(tenant.edited(later(counted)))
            await work.commit(None)
    finally:
        REQUEST_KEY.reset(token)
    assert SENT == ["BEGIN", "INSERT", "UPDATE", "with", "END"]


async def test_claiming_any_number_of_jobs_takes_one_statement(
    counted: Stores, stores: Stores, conversation: Conversation
) -> None:
    posted = await post(stores, conversation)
    SENT.clear()
    claim = await claim_one(counted, posted.job)
    assert claim.job_id == posted.job.id
    assert SENT == ["WITH"]


async def test_searching_takes_one_statement(counted: Stores, tenant: Tenant) -> None:
    SENT.clear()
    await counted.passage_search.search(tenant.id, "What does it cost?", language="en", limit=8)
    assert SENT == ["with"]
