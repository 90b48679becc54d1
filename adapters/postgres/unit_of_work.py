from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from typing_extensions import override

from adapters.postgres.activity import write_activity
from adapters.postgres.blobs import PostgresBlobs
from adapters.postgres.changes import Changes
from adapters.postgres.collections import PostgresCollections
from adapters.postgres.conversations import PostgresConversations, PostgresMessages, PostgresRuns
from adapters.postgres.documents import PostgresDocuments
from adapters.postgres.former_members import PostgresFormerMembers
from adapters.postgres.idempotency import keep_answer, take_key
from adapters.postgres.identity import PostgresCredentials, PostgresIdentities, PostgresUsers
from adapters.postgres.invites import PostgresInvites
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.memories import PostgresMemories
from adapters.postgres.memory_policies import PostgresMemoryPolicies
from adapters.postgres.memory_profiles import PostgresMemoryProfiles
from adapters.postgres.passages import PostgresPassages
from adapters.postgres.provider_deliveries import PostgresProviderDeliveries
from adapters.postgres.scheduling import PostgresConnectors, PostgresServices
from adapters.postgres.sign_in import PostgresLogins, PostgresOneTimeTokens
from adapters.postgres.statements import Database, Transaction
from adapters.postgres.usage import PostgresUsageLedger
from adapters.postgres.webhooks import PostgresDeliveries, PostgresWebhooks
from adapters.postgres.workspaces import PostgresMembers, PostgresWorkspaces
from application.ports.activity import CAUSE
from application.ports.bell import Bell
from application.ports.blobs import Blobs, BlobsWork
from application.ports.clock import Clock
from application.ports.collections import Collections, CollectionsWork
from application.ports.conversations import Conversations, ConversationsWork, Messages, Runs
from application.ports.documents import Documents, DocumentsWork
from application.ports.former_members import FormerMembers, FormerMembersWork
from application.ports.idempotency import REQUEST_KEY, RequestKey
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
from application.ports.stemmer import Stemmer
from application.ports.unit_of_work import Answer, Begin
from application.ports.usage import UsageLedger
from application.ports.webhooks import Deliveries, Webhooks, WebhooksWork
from application.ports.workspaces import Members, Workspaces, WorkspacesWork
from domain.activity import Event
from domain.jobs import Claim


class PostgresUnitOfWork(
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
    """A transaction with all repositories."""

    def __init__(
        self, transaction: Transaction, bell: Bell, clock: Clock, stemmer: Stemmer, claim: Claim | None
    ) -> None:
        self._transaction = transaction
        self._bell = bell
        self._clock = clock
        self._claim = claim
        self._request_key: RequestKey | None = None if claim else REQUEST_KEY.get()
        self._changes = changes = Changes()
        self.users: Users = PostgresUsers(transaction, changes)
        self.identities: Identities = PostgresIdentities(transaction)
        self.credentials: Credentials = PostgresCredentials(transaction, changes)
        self.workspaces: Workspaces = PostgresWorkspaces(transaction, changes)
        self.members: Members = PostgresMembers(transaction, changes)
        self.provider_deliveries: ProviderDeliveries = PostgresProviderDeliveries(transaction)
        self.invites: Invites = PostgresInvites(transaction, changes)
        self.logins: Logins = PostgresLogins(transaction)
        self.one_time_tokens: OneTimeTokens = PostgresOneTimeTokens(transaction)
        self.documents: Documents = PostgresDocuments(transaction, changes)
        self.passages: Passages = PostgresPassages(transaction, stemmer)
        self.services: Services = PostgresServices(transaction, changes)
        self.connectors: Connectors = PostgresConnectors(transaction, changes)
        self.conversations: Conversations = PostgresConversations(transaction, changes)
        self.messages: Messages = PostgresMessages(transaction, changes)
        self.runs: Runs = PostgresRuns(transaction, changes)
        self.jobs: Jobs = PostgresJobs(transaction, changes)
        self.webhooks: Webhooks = PostgresWebhooks(transaction, changes)
        self.deliveries: Deliveries = PostgresDeliveries(transaction, changes)
        self.usage: UsageLedger = PostgresUsageLedger(transaction)
        self.former_members: FormerMembers = PostgresFormerMembers(transaction, changes)
        self.memories: Memories = PostgresMemories(transaction, changes)
        self.memory_policies: MemoryPolicies = PostgresMemoryPolicies(transaction, changes)
        self.collections: Collections = PostgresCollections(transaction, changes)
        self.memory_profiles: MemoryProfiles = PostgresMemoryProfiles(transaction)
        self.blobs: Blobs = PostgresBlobs(transaction)

    async def enter(self) -> None:
        """Takes the request's idempotency key, if it carries one.

        Raises:
            KeyUsed: a unit of work has committed with it.
        """
        if self._request_key is not None:
            await take_key(self._transaction, self._request_key, self._clock.now())

    @override
    def record(self, *events: Event) -> None:
        self._changes.events.extend(events)

    @override
    async def commit(self, answer: Answer) -> Answer:
        self._changes.check()
        if self._claim is not None and (self._claim.job_id, self._claim.attempt) not in self._changes.finished:
            await self.jobs.held(self._claim)
        if self._request_key is not None:
            conversation_id = self._request_key.conversation_id or self._changes.conversation_id
            await keep_answer(self._transaction, self._request_key, answer, conversation_id)
        cause = str(self._claim.job_id) if self._claim else CAUSE.get()
        await write_activity(self._transaction, self._changes.events, cause)
        await self._transaction.commit()
        if self._request_key is not None:
            REQUEST_KEY.set(None)
        await self._bell.ring(self._changes.topics)
        return answer


class PostgresUnits(Begin[PostgresUnitOfWork]):
    """Begins units of work on a database; each is one transaction on one connection."""

    def __init__(self, database: Database, bell: Bell, clock: Clock, stemmer: Stemmer) -> None:
        self._database = database
        self._bell = bell
        self._clock = clock
        self._stemmer = stemmer

    @override
    def __call__(self, claim: Claim | None = None) -> AbstractAsyncContextManager[PostgresUnitOfWork]:
        return self._unit(claim)

    @asynccontextmanager
    async def _unit(self, claim: Claim | None) -> AsyncGenerator[PostgresUnitOfWork, None]:
        async with self._database.transaction() as transaction:
            work = PostgresUnitOfWork(transaction, self._bell, self._clock, self._stemmer, claim)
            await work.enter()
            yield work
