from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory.clock import MemoryClock
from adapters.postgres.activity import PostgresActivityViews
from adapters.postgres.conversation_lists import PostgresConversationLists
from adapters.postgres.conversation_views import PostgresConversationViews
from adapters.postgres.exports import PostgresConversationExports
from adapters.postgres.idempotency import PostgresIdempotencyKeys
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.job_views import PostgresJobViews
from adapters.postgres.knowledge import PostgresPassageSearch
from adapters.postgres.pool import open_pool
from adapters.postgres.retention import PostgresRetentionViews
from adapters.postgres.runs import PostgresRunViews
from adapters.postgres.scheduling import PostgresSchedulingViews
from adapters.postgres.statements import Database
from adapters.postgres.statistics import PostgresStatisticsViews
from adapters.postgres.token_verifier import PostgresTokenVerifier
from adapters.postgres.unanswered import PostgresUnansweredViews
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.postgres.usage import PostgresUsageOrigins
from adapters.postgres.usage_views import PostgresUsageViews
from adapters.postgres.webhooks import PostgresWebhookViews
from adapters.postgres.workspaces import PostgresWorkspaceViews
from entrypoints.supervisor.embedded import Urls
from tests.contracts.stores import RecordedBell, Stores
from tests.migrations.databases import new_database


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_pool(database_url, 20) as pool:
        yield Database(pool)


@pytest.fixture
async def empty_database_url(servers: Urls) -> AsyncIterator[str]:
    async with new_database(servers.database) as url:
        yield url


@pytest.fixture
def stores(database: Database) -> Stores:
    return stores_of(database)


def stores_of(database: Database) -> Stores:
    bell = RecordedBell()
    clock = MemoryClock(datetime.now(UTC) - timedelta(hours=1))
    return Stores(
        begin=PostgresUnits(database, bell, clock),
        workspaces=PostgresWorkspaceViews(database),
        scheduling=PostgresSchedulingViews(database),
        conversations=PostgresConversationViews(database),
        conversation_lists=PostgresConversationLists(database),
        runs=PostgresRunViews(database),
        exports=PostgresConversationExports(database),
        retention=PostgresRetentionViews(database),
        jobs=PostgresJobViews(database),
        usage=PostgresUsageViews(database),
        usage_origins=PostgresUsageOrigins(database),
        webhooks=PostgresWebhookViews(database),
        activity=PostgresActivityViews(database),
        statistics=PostgresStatisticsViews(database),
        unanswered=PostgresUnansweredViews(database),
        queue=PostgresJobQueue(database, bell),
        token_verifier=PostgresTokenVerifier(database, clock),
        idempotency_keys=PostgresIdempotencyKeys(database),
        passage_search=PostgresPassageSearch(database),
        bell=bell,
        clock=clock,
    )
