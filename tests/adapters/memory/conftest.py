from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory.activity import MemoryActivityViews
from adapters.memory.audit import MemoryAuditLog, MemoryAuditViews
from adapters.memory.blobs import MemoryBlobLog, MemoryBlobViews
from adapters.memory.callers import MemoryCallers
from adapters.memory.clock import MemoryClock
from adapters.memory.collections import MemoryCollectionViews
from adapters.memory.conversation_lists import MemoryConversationLists
from adapters.memory.conversations import MemoryConversationViews
from adapters.memory.documents import MemoryDocumentViews
from adapters.memory.embeddings import MemoryEmbeddings
from adapters.memory.exports import MemoryConversationExports, MemoryMessageExports
from adapters.memory.idempotency import MemoryIdempotencyKeys
from adapters.memory.identity_views import MemoryKeyViews, MemoryUserViews
from adapters.memory.instance_views import MemoryInstanceViews
from adapters.memory.invites import MemoryInviteViews
from adapters.memory.jobs import MemoryJobQueue, MemoryJobViews
from adapters.memory.members import MemoryMemberViews
from adapters.memory.memories import MemoryMemoryViews
from adapters.memory.memory_audit import MemoryMemoryAuditViews
from adapters.memory.memory_profiles import MemoryMemoryProfileViews
from adapters.memory.passage_languages import MemoryPassageLanguages
from adapters.memory.passage_search import MemoryPassageSearch
from adapters.memory.pictures import MemoryPictureViews
from adapters.memory.pruning import MemoryDeletedMemories, MemoryPruningViews
from adapters.memory.retention import MemoryRetentionViews
from adapters.memory.runs import MemoryRunViews
from adapters.memory.scheduling import MemorySchedulingViews
from adapters.memory.sealed_secrets import MemorySealedSecrets
from adapters.memory.sign_in import MemoryAccounts, MemoryOneTimeTokenLog, MemorySessionLog, MemorySessionViews
from adapters.memory.statistics import MemoryStatisticsViews
from adapters.memory.store import MemoryStore
from adapters.memory.unanswered import MemoryUnansweredViews
from adapters.memory.unit_of_work import MemoryUnits
from adapters.memory.usage import MemoryUsageOrigins, MemoryUsageViews
from adapters.memory.webhooks import MemoryDeliveryLog, MemoryWebhookViews
from adapters.memory.workspaces import MemoryWorkspaceViews
from adapters.snowball.stemmer import SnowballStemmer
from domain.identity import SessionLife
from tests.contracts.stores import RecordedBell, Stores


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def stores(store: MemoryStore) -> Stores:
    return memory_stores(store)


def memory_stores(store: MemoryStore | None = None) -> Stores:
    store = store or MemoryStore()
    bell = RecordedBell()
    clock = MemoryClock(datetime.now(UTC) - timedelta(hours=1))
    return Stores(
        begin=MemoryUnits(store, bell, clock),
        workspaces=MemoryWorkspaceViews(store),
        members=MemoryMemberViews(store),
        invites=MemoryInviteViews(store),
        scheduling=MemorySchedulingViews(store),
        conversations=MemoryConversationViews(store),
        conversation_lists=MemoryConversationLists(store),
        runs=MemoryRunViews(store),
        exports=MemoryConversationExports(store),
        retention=MemoryRetentionViews(store),
        jobs=MemoryJobViews(store),
        usage=MemoryUsageViews(store),
        usage_origins=MemoryUsageOrigins(store),
        webhooks=MemoryWebhookViews(store),
        delivery_log=MemoryDeliveryLog(store),
        documents=MemoryDocumentViews(store),
        blobs=MemoryBlobViews(store),
        blob_log=MemoryBlobLog(store),
        pictures=MemoryPictureViews(store),
        memories=MemoryMemoryViews(store),
        collections=MemoryCollectionViews(store),
        memory_profiles=MemoryMemoryProfileViews(store),
        memory_audit=MemoryMemoryAuditViews(store),
        pruning=MemoryPruningViews(store),
        deleted_memories=MemoryDeletedMemories(store),
        message_exports=MemoryMessageExports(store),
        activity=MemoryActivityViews(store),
        audit_log=MemoryAuditLog(store),
        sealed_secrets=MemorySealedSecrets(store),
        audit_views=MemoryAuditViews(store),
        statistics=MemoryStatisticsViews(store),
        unanswered=MemoryUnansweredViews(store),
        queue=MemoryJobQueue(store, bell, clock),
        instance=MemoryInstanceViews(store),
        keys=MemoryKeyViews(store),
        users=MemoryUserViews(store),
        accounts=MemoryAccounts(store),
        one_time_tokens=MemoryOneTimeTokenLog(store),
        sessions=MemorySessionViews(store),
        session_log=MemorySessionLog(store),
        callers=MemoryCallers(store, clock, SessionLife()),
        idempotency_keys=MemoryIdempotencyKeys(store),
        passage_search=MemoryPassageSearch(store, SnowballStemmer()),
        embeddings=MemoryEmbeddings(store),
        passage_languages=MemoryPassageLanguages(store),
        bell=bell,
        clock=clock,
    )
