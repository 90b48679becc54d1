from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from typing_extensions import override

from adapters.memory.activity import write_activity
from adapters.memory.blobs import MemoryBlobs
from adapters.memory.collections import MemoryCollections
from adapters.memory.conversations import MemoryConversations, MemoryMessages, MemoryRuns
from adapters.memory.documents import MemoryDocuments
from adapters.memory.former_members import MemoryFormerMembers
from adapters.memory.idempotency import keep_answer, take_key
from adapters.memory.identity import MemoryCredentials, MemoryIdentities, MemoryUsers
from adapters.memory.invites import MemoryInvites
from adapters.memory.jobs import MemoryJobs, topics_of
from adapters.memory.memories import MemoryMemories, MemoryMemoryPolicies
from adapters.memory.memory_profiles import MemoryMemoryProfiles
from adapters.memory.passages import MemoryPassages
from adapters.memory.provider_deliveries import MemoryProviderDeliveries
from adapters.memory.scheduling import MemoryConnectors, MemoryServices
from adapters.memory.sign_in import MemoryLogins, MemoryOneTimeTokens
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from adapters.memory.usage import MemoryUsageLedger
from adapters.memory.webhooks import MemoryDeliveries, MemoryWebhooks
from adapters.memory.workspaces import MemoryMembers, MemoryWorkspaces
from application.ports.activity import CAUSE
from application.ports.bell import Bell
from application.ports.blobs import Blobs, BlobsWork
from application.ports.clock import Clock
from application.ports.collections import Collections, CollectionsWork
from application.ports.conversations import Conversations, ConversationsWork, Messages, Runs
from application.ports.documents import Documents, DocumentsWork
from application.ports.former_members import FormerMembers, FormerMembersWork
from application.ports.idempotency import KEYS_KEPT, REQUEST_KEY, RequestKey
from application.ports.identity import Credentials, Identities, Users
from application.ports.invites import Invites
from application.ports.jobs import Jobs, JobsWork
from application.ports.members import MembersWork
from application.ports.memories import Memories, MemoriesWork, MemoryPolicies
from application.ports.memory_profiles import MemoryProfiles
from application.ports.passages import Passages
from application.ports.provider_deliveries import ProviderDeliveries, ProviderEventsWork
from application.ports.pruning import PruningWork
from application.ports.scheduling import Connectors, SchedulingWork, Services
from application.ports.sign_in import Logins, OneTimeTokens, SignInWork
from application.ports.unit_of_work import Answer, Begin, UnrecordedError
from application.ports.usage import UsageLedger
from application.ports.webhooks import Deliveries, Webhooks, WebhooksWork
from application.ports.workspaces import Members, Workspaces, WorkspacesWork
from domain.activity import Event, activity_topic
from domain.jobs import Claim


class MemoryUnitOfWork(
    ProviderEventsWork,
    FormerMembersWork,
    SignInWork,
    WorkspacesWork,
    SchedulingWork,
    ConversationsWork,
    JobsWork,
    WebhooksWork,
    BlobsWork,
    MembersWork,
    DocumentsWork,
    MemoriesWork,
    CollectionsWork,
    PruningWork,
):
    """A transaction of a `MemoryStore` with all repositories."""

    def __init__(
        self, store: MemoryStore, transaction: Transaction, bell: Bell, clock: Clock, claim: Claim | None
    ) -> None:
        self._store = store
        self._transaction = transaction
        self._bell = bell
        self._clock = clock
        self._claim = claim
        self._request_key: RequestKey | None = None if claim else REQUEST_KEY.get()
        self._jobs = MemoryJobs(store, transaction, clock)
        self.users: Users = MemoryUsers(store, transaction)
        self.identities: Identities = MemoryIdentities(store, transaction)
        self.credentials: Credentials = MemoryCredentials(store, transaction)
        self.workspaces: Workspaces = MemoryWorkspaces(store, transaction)
        self.members: Members = MemoryMembers(store, transaction)
        self.provider_deliveries: ProviderDeliveries = MemoryProviderDeliveries(store, transaction)
        self.invites: Invites = MemoryInvites(store, transaction)
        self.logins: Logins = MemoryLogins(store, transaction)
        self.one_time_tokens: OneTimeTokens = MemoryOneTimeTokens(store, transaction)
        self.documents: Documents = MemoryDocuments(store, transaction)
        self.passages: Passages = MemoryPassages(store, transaction)
        self.services: Services = MemoryServices(store, transaction)
        self.connectors: Connectors = MemoryConnectors(store, transaction)
        self.conversations: Conversations = MemoryConversations(store, transaction)
        self.messages: Messages = MemoryMessages(store, transaction)
        self.runs: Runs = MemoryRuns(store, transaction)
        self.jobs: Jobs = self._jobs
        self.webhooks: Webhooks = MemoryWebhooks(store, transaction)
        self.deliveries: Deliveries = MemoryDeliveries(store, transaction)
        self.usage: UsageLedger = MemoryUsageLedger(store, transaction)
        self.former_members: FormerMembers = MemoryFormerMembers(store, transaction)
        self.memories: Memories = MemoryMemories(store, transaction)
        self.memory_policies: MemoryPolicies = MemoryMemoryPolicies(store, transaction)
        self.collections: Collections = MemoryCollections(store, transaction)
        self.memory_profiles: MemoryProfiles = MemoryMemoryProfiles(store, transaction)
        self.blobs: Blobs = MemoryBlobs(store, transaction)

    async def enter(self) -> None:
        """Takes the request's idempotency key, if it carries one.

        Raises:
            KeyUsed: a unit of work has committed with it.
        """
        if self._request_key is not None:
            since = self._clock.now() - KEYS_KEPT
            await take_key(self._store, self._transaction, self._request_key, since)

    @override
    def record(self, *events: Event) -> None:
        self._transaction.events.extend(events)

    @override
    async def commit(self, answer: Answer) -> Answer:
        if self._transaction.unexplained and not self._transaction.events:
            raise UnrecordedError("Rows were changed and no event says why.")
        if self._claim is not None:
            await self._jobs.verify(self._claim)
        if self._request_key is not None:
            await keep_answer(self._store, self._transaction, self._request_key, answer, self._clock.now())
        topics = self._topics()
        # Without an await in between, so that nobody sees the one without the other.
        self._transaction.apply()
        write_activity(self._store, self._transaction.events, str(self._claim.job_id) if self._claim else CAUSE.get())
        self._transaction.end()
        if self._request_key is not None:
            REQUEST_KEY.set(None)
        await self._bell.ring(topics)
        return answer

    def _topics(self) -> set[str]:
        events = self._transaction.events
        topics = {topic for event in events for topic in (*event.topics, activity_topic(event.workspace_id))}
        return topics | topics_of(self._transaction.changed(self._store.jobs))


class MemoryUnits(Begin[MemoryUnitOfWork]):
    """Begins units of work on a `MemoryStore`."""

    def __init__(self, store: MemoryStore, bell: Bell, clock: Clock) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock

    @override
    def __call__(self, claim: Claim | None = None) -> AbstractAsyncContextManager[MemoryUnitOfWork]:
        return self._unit(claim)

    @asynccontextmanager
    async def _unit(self, claim: Claim | None) -> AsyncGenerator[MemoryUnitOfWork, None]:
        with self._store.transaction() as transaction:
            work = MemoryUnitOfWork(self._store, transaction, self._bell, self._clock, claim)
            await work.enter()
            yield work
