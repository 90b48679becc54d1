from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory.clock import MemoryClock
from adapters.postgres.activity import PostgresActivityViews
from adapters.postgres.audit import PostgresAuditLog, PostgresAuditViews
from adapters.postgres.blobs import PostgresBlobLog, PostgresBlobViews
from adapters.postgres.callers import PostgresCallers
from adapters.postgres.collections import PostgresCollectionViews
from adapters.postgres.conversation_lists import PostgresConversationLists
from adapters.postgres.conversation_views import PostgresConversationViews
from adapters.postgres.documents import PostgresDocumentViews
from adapters.postgres.embeddings import PostgresEmbeddings
from adapters.postgres.exports import PostgresConversationExports, PostgresMessageExports
from adapters.postgres.idempotency import PostgresIdempotencyKeys
from adapters.postgres.identity_views import PostgresKeyViews, PostgresUserViews
from adapters.postgres.instance_views import PostgresInstanceViews
from adapters.postgres.invites import PostgresInviteViews
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.job_views import PostgresJobViews
from adapters.postgres.members import PostgresMemberViews
from adapters.postgres.memory_audit import PostgresMemoryAuditViews
from adapters.postgres.memory_profiles import PostgresMemoryProfileViews
from adapters.postgres.memory_views import PostgresMemoryViews
from adapters.postgres.passage_languages import PostgresPassageLanguages
from adapters.postgres.passage_search import PostgresPassageSearch
from adapters.postgres.pictures import PostgresPictureViews
from adapters.postgres.pool import open_pool
from adapters.postgres.pruning import PostgresDeletedMemories, PostgresPruningViews
from adapters.postgres.retention import PostgresRetentionViews
from adapters.postgres.runs import PostgresRunViews
from adapters.postgres.scheduling import PostgresSchedulingViews
from adapters.postgres.sealed_secrets import PostgresSealedSecrets
from adapters.postgres.sign_in import (
    PostgresAccounts,
    PostgresOneTimeTokenLog,
    PostgresSessionLog,
    PostgresSessionViews,
)
from adapters.postgres.statements import Database
from adapters.postgres.statistics import PostgresStatisticsViews
from adapters.postgres.unanswered import PostgresUnansweredViews
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.postgres.usage import PostgresUsageOrigins
from adapters.postgres.usage_views import PostgresUsageViews
from adapters.postgres.webhooks import PostgresDeliveryLog, PostgresWebhookViews
from adapters.postgres.workspaces import PostgresWorkspaceViews
from adapters.snowball.stemmer import SnowballStemmer
from domain.identity import SessionLife
from entrypoints.supervisor.embedded import Urls
from tests.contracts.stores import RecordedBell, Stores
from tests.migrations.databases import new_database


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_pool(database_url, 20, wait=20) as pool:
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
        begin=PostgresUnits(database, bell, clock, SnowballStemmer()),
        workspaces=PostgresWorkspaceViews(database),
        members=PostgresMemberViews(database),
        invites=PostgresInviteViews(database),
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
        delivery_log=PostgresDeliveryLog(database),
        documents=PostgresDocumentViews(database),
        blobs=PostgresBlobViews(database),
        blob_log=PostgresBlobLog(database),
        pictures=PostgresPictureViews(database),
        memories=PostgresMemoryViews(database),
        collections=PostgresCollectionViews(database),
        memory_profiles=PostgresMemoryProfileViews(database),
        memory_audit=PostgresMemoryAuditViews(database),
        pruning=PostgresPruningViews(database),
        deleted_memories=PostgresDeletedMemories(database),
        message_exports=PostgresMessageExports(database),
        activity=PostgresActivityViews(database),
        audit_log=PostgresAuditLog(database),
        sealed_secrets=PostgresSealedSecrets(database),
        audit_views=PostgresAuditViews(database),
        statistics=PostgresStatisticsViews(database),
        unanswered=PostgresUnansweredViews(database),
        queue=PostgresJobQueue(database, bell),
        instance=PostgresInstanceViews(database),
        keys=PostgresKeyViews(database),
        users=PostgresUserViews(database),
        accounts=PostgresAccounts(database),
        one_time_tokens=PostgresOneTimeTokenLog(database),
        sessions=PostgresSessionViews(database),
        session_log=PostgresSessionLog(database),
        callers=PostgresCallers(database, clock, SessionLife()),
        idempotency_keys=PostgresIdempotencyKeys(database),
        passage_search=PostgresPassageSearch(database, SnowballStemmer()),
        embeddings=PostgresEmbeddings(database),
        passage_languages=PostgresPassageLanguages(database, SnowballStemmer()),
        bell=bell,
        clock=clock,
    )
