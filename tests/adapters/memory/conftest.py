from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory.activity import MemoryActivityViews
from adapters.memory.clock import MemoryClock
from adapters.memory.conversation_lists import MemoryConversationLists
from adapters.memory.conversations import MemoryConversationViews
from adapters.memory.exports import MemoryConversationExports
from adapters.memory.idempotency import MemoryIdempotencyKeys
from adapters.memory.jobs import MemoryJobQueue, MemoryJobViews
from adapters.memory.knowledge import MemoryPassageSearch
from adapters.memory.retention import MemoryRetentionViews
from adapters.memory.runs import MemoryRunViews
from adapters.memory.scheduling import MemorySchedulingViews
from adapters.memory.statistics import MemoryStatisticsViews
from adapters.memory.store import MemoryStore
from adapters.memory.token_verifier import MemoryTokenVerifier
from adapters.memory.unanswered import MemoryUnansweredViews
from adapters.memory.unit_of_work import MemoryUnits
from adapters.memory.usage import MemoryUsageOrigins, MemoryUsageViews
from adapters.memory.webhooks import MemoryWebhookViews
from adapters.memory.workspaces import MemoryWorkspaceViews
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
        activity=MemoryActivityViews(store),
        statistics=MemoryStatisticsViews(store),
        unanswered=MemoryUnansweredViews(store),
        queue=MemoryJobQueue(store, bell, clock),
        token_verifier=MemoryTokenVerifier(store, clock),
        idempotency_keys=MemoryIdempotencyKeys(store),
        passage_search=MemoryPassageSearch(store.passages_of),
        bell=bell,
        clock=clock,
    )
