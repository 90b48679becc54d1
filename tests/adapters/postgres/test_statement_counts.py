"""What the hot paths cost: a change that makes one dearer is seen here."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from psycopg import AsyncCursor, AsyncTransaction
from typing_extensions import override

from adapters.memory.bell import MemoryBell
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import MemoryLanguageModels, ScriptedLanguageModel
from adapters.memory.origins import MemoryOrigins
from adapters.memory.passage_search import MemoryDraftSearch
from adapters.memory.run_log import MemoryRunLog
from adapters.offline.embedder import OfflineEmbedder
from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Connection, Database
from adapters.snowball.stemmer import SnowballStemmer
from application.conversations.brief_companion import BriefCompanion
from application.conversations.conversation_frames import FOR_MEMBERS, FOR_VISITORS, Audience, ConversationFrames
from application.conversations.generate_reply import GenerateReply, ReplyGenerator
from application.conversations.post_message import PostMessage, PostMessageCommand
from application.conversations.recall import Recall
from application.conversations.receive_message import ReceiveMessage, ReceiveMessageCommand, Sender
from application.knowledge.retrieve import Retrieve
from application.ports.conversation_lists import ConversationFilters
from application.ports.idempotency import REQUEST_KEY, RequestKey
from application.ports.language_model import ModelEvent
from domain.access import Caller, Grant, Role
from domain.conversations import Channel, Conversation, conversation_topic
from domain.conversations.statistics import DayRange
from domain.identity import issue_key, issue_visitor_token
from domain.pricing import PriceList
from domain.workspaces import WorkspaceLimits
from tests.adapters.postgres.conftest import stores_of
from tests.application.conversations.script import calling, saying
from tests.contracts.examples import Tenant, a_conversation, a_service, a_tenant, claim_one, edited, later, post
from tests.contracts.shelf import STANDING, a_source, everything, passages, put
from tests.contracts.stores import Stores

SENT: list[str] = []


class CountedConnection(Connection):
    """Notes what is sent."""

    @override
    async def again(self, query: bytes, values: Sequence[Any]) -> AsyncCursor[tuple[Any, ...]]:
        SENT.append(query.decode().split()[0])
        return await super().again(query, values)

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


async def test_reading_with_a_token_takes_two_statements(
    counted: Stores, stores: Stores, tenant: Tenant, conversation: Conversation
) -> None:
    credential, token = issue_key(tenant.user, tenant.id, "test", later(stores))
    async with stores.begin() as work:
        await work.credentials.add(credential, because=tenant.edited(later(stores)))
        await work.commit(None)
    reads: list[Callable[[], Awaitable[object]]] = [
        lambda: counted.workspaces.workspace(tenant.id),
        lambda: counted.scheduling.services(tenant.id, None, 25),
        lambda: counted.jobs.jobs(tenant.id, None, None, None, 25),
        lambda: counted.conversation_lists.conversation(conversation.id),
    ]
    await counted.callers.of_token(token.reveal())  # once a minute the use is noted
    for read in reads:
        SENT.clear()
        caller = await counted.callers.of_token(token.reveal())
        assert tenant.id in caller.grants
        await read()
        assert SENT == ["SELECT", "SELECT"]


async def test_a_list_of_conversations_takes_one_statement_and_its_counts_another(
    counted: Stores, stores: Stores, tenant: Tenant
) -> None:
    for number in range(5):
        thread = await a_conversation(stores, tenant)
        await post(stores, thread, f"Question {number}")
    for filters in (ConversationFilters(), ConversationFilters(q="question", waiting=False)):
        SENT.clear()
        page = await counted.conversation_lists.page(tenant.id, filters, None, 25)
        assert len(page.items) == 5
        assert all(view.last_message for view in page.items)
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
        await counted.callers.of_token(token.reveal())
        await counted.conversations.messages(conversation.id, since, 25)
        assert SENT == ["SELECT", "SELECT"]


@pytest.mark.parametrize("audience", [FOR_VISITORS, FOR_MEMBERS])
async def test_following_an_idle_conversation_takes_two_statements_and_two_more_for_each_ring(
    counted: Stores, conversation: Conversation, audience: Audience
) -> None:
    bell = MemoryBell()
    frames = await ConversationFrames(counted.conversations, MemoryRunLog(), bell)(
        conversation.id, None, audience, follow=True
    )
    assert frames
    async with aclosing(frames):
        SENT.clear()
        assert await anext(frames)
        assert await anext(frames) is None
        assert SENT == ["SELECT", "SELECT"]
        SENT.clear()
        await bell.ring([conversation_topic(conversation.id)])
        assert await anext(frames) is None
        assert SENT == ["SELECT", "SELECT"]


async def test_statistics_take_two_statements_and_unanswered_questions_one(counted: Stores, tenant: Tenant) -> None:
    today = later(counted).date()
    SENT.clear()
    await counted.statistics.happened(tenant.id, DayRange(first=today, last=today, timezone="UTC"))
    assert SENT == ["select", "with"]
    SENT.clear()
    await counted.unanswered.unanswered(tenant.id, None, 25)
    assert SENT == ["SELECT"]


async def test_a_later_message_of_a_thread_takes_one_statement_and_a_transaction_of_seven(
    counted: Stores, tenant: Tenant
) -> None:
    caller = Caller(actor=tenant.user.actor, grants={tenant.id: Grant.of(Role.OWNER)})
    receive = ReceiveMessage(counted.begin, counted.workspaces, counted.clock)
    for number in range(2):
        SENT.clear()
        command = ReceiveMessageCommand(
            workspace_id=tenant.id,
            channel=Channel.SMS,
            thread_id="thread",
            message_id=str(number),
            sender=Sender(),
            text="Hello",
        )
        await receive(caller, command)
    # whether the workspace is active; then thread, repeat, message, conversation, run, job, activity
    assert SENT == ["SELECT", "BEGIN", "SELECT", "SELECT", "INSERT", "UPDATE", "INSERT", "INSERT", "with", "END"]


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
    await PostMessage(counted.begin, MemoryOrigins(), counted.clock)(caller, command)
    # lock, active runs, message, conversation, run, job, activity
    assert SENT == ["BEGIN", "SELECT", "SELECT", "INSERT", "UPDATE", "INSERT", "INSERT", "with", "END"]


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


async def test_searching_takes_one_statement_and_another_for_words_that_nothing_holds(
    counted: Stores, tenant: Tenant
) -> None:
    source = a_source()
    await put(counted, tenant, source, passages(tenant.id, "An hour costs 20.", source=source))
    filters = everything(tenant.id)
    SENT.clear()
    await counted.passage_search.lexical("What does it cost?", "en", filters, 8)
    assert SENT == ["with"]
    SENT.clear()
    await counted.passage_search.lexical("What does the wedding cost?", "en", filters, 8)
    assert SENT == ["with", "with"]
    await counted.passage_search.semantic((1.0,), "any", filters, 8)
    SENT.clear()
    await counted.passage_search.semantic((1.0,), "any", filters, 8)
    await counted.passage_search.coverage("any", filters)
    assert SENT == ["select", "select"]


async def reply(counted: Stores, tenant: Tenant, conversation: Conversation, *answers: Sequence[ModelEvent]) -> str:
    """What the reply to a visitor's new message takes, by the first words of the statements."""
    posted = await post(counted, conversation)
    async with counted.begin() as work:
        await work.runs.save(replace(posted.run, origin=b"\x01" * 32), because=tenant.edited(later(counted)))
        await work.commit(None)
    claim = await claim_one(counted, posted.job)
    # What a search takes is told above; of the statements of two that run at once the order is not known.
    retrieve = Retrieve(MemoryDraftSearch(SnowballStemmer()).of((), STANDING), OfflineEmbedder())
    generate = ReplyGenerator(
        begin=counted.begin,
        views=counted.conversations,
        retrieve=retrieve,
        companions=BriefCompanion(counted.begin, Recall(retrieve, counted.memory_profiles), counted.clock),
        models=MemoryLanguageModels(ScriptedLanguageModel(*answers)),
        prices=PriceList(),
        log=MemoryRunLog(),
        clock=counted.clock,
    )
    SENT.clear()
    await generate(GenerateReply.of(posted.run, posted.conversation), claim, MemoryJobProgress())
    return " ".join(SENT)


READ = "SELECT SELECT SELECT SELECT"  # run, business, services, history
# conversation, run, run, lock of the visitor, what was spent, entry, job, activity
START = "BEGIN SELECT SELECT UPDATE SELECT SELECT INSERT SELECT with END"
# conversation, entry, conversation, message, conversation, run, job, activity
SAVE = "BEGIN SELECT UPDATE SELECT INSERT UPDATE UPDATE UPDATE with END"
# conversation, entry, lock of the visitor, what was spent, entry, run, job
NEXT = "BEGIN SELECT UPDATE SELECT SELECT INSERT UPDATE SELECT END"


async def test_a_reply_takes_two_transactions_with_four_statements_for_the_ledger(
    counted: Stores, tenant: Tenant, conversation: Conversation
) -> None:
    assert await reply(counted, tenant, conversation, saying("60 €.")) == f"{READ} {START} {SAVE}"


async def test_each_use_of_tools_takes_a_transaction_more_and_the_first_a_look_at_the_question(
    counted: Stores, tenant: Tenant, conversation: Conversation
) -> None:
    answers = [*[calling("list_services", {})] * 2, saying("60 €.")]
    save = SAVE.replace("SELECT INSERT", "SELECT SELECT INSERT", 1)
    assert await reply(counted, tenant, conversation, *answers) == f"{READ} {START} {NEXT} {NEXT} {save}"


async def test_without_limits_nobody_waits_for_the_ledger(
    counted: Stores, tenant: Tenant, conversation: Conversation
) -> None:
    await edited(counted, tenant, limits=WorkspaceLimits(tokens_per_conversation=None, tokens_per_visitor=None))
    start = START.replace("UPDATE SELECT SELECT INSERT", "UPDATE INSERT")
    assert await reply(counted, tenant, conversation, saying("60 €.")) == f"{READ} {start} {SAVE}"
