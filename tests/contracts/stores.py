"""A store as the contracts see it. A technology's conftest gives it as the fixture `stores`."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from adapters.memory.clock import MemoryClock
from application.ports.activity import ActivityViews
from application.ports.audit import AuditLog, AuditViews
from application.ports.bell import Bell, Listener
from application.ports.blobs import BlobLog, BlobsWork, BlobViews
from application.ports.callers import Callers
from application.ports.collections import CollectionsWork, CollectionViews
from application.ports.conversation_lists import ConversationLists
from application.ports.conversations import ConversationsWork, ConversationViews
from application.ports.documents import DocumentsWork, DocumentViews
from application.ports.embeddings import Embeddings
from application.ports.exports import ConversationExports, MessageExports
from application.ports.former_members import FormerMembersWork
from application.ports.idempotency import IdempotencyKeys
from application.ports.identity import IdentityWork
from application.ports.identity_views import KeyViews, UserViews
from application.ports.instance_views import InstanceViews
from application.ports.invites import InviteViews
from application.ports.jobs import JobQueue, JobsWork, JobViews
from application.ports.members import MembersWork, MemberViews
from application.ports.memories import MemoriesWork, MemoryViews
from application.ports.memory_audit import MemoryAuditViews
from application.ports.memory_profiles import MemoryProfileViews
from application.ports.passage_languages import PassageLanguages
from application.ports.passage_search import PassageSearch
from application.ports.pictures import PictureViews
from application.ports.pruning import DeletedMemories, PruningViews, PruningWork
from application.ports.retention import RetentionViews
from application.ports.runs import RunViews
from application.ports.scheduling import SchedulingViews, SchedulingWork
from application.ports.sealed_secrets import SealedSecrets
from application.ports.sign_in import Accounts, OneTimeTokenLog, SessionLog, SessionViews, SignInWork
from application.ports.statistics import StatisticsViews
from application.ports.unanswered import UnansweredViews
from application.ports.unit_of_work import Begin
from application.ports.usage import UsageOrigins, UsageViews
from application.ports.webhooks import DeliveryLog, WebhooksWork, WebhookViews
from application.ports.workspaces import WorkspacesWork, WorkspaceViews


class Work(
    FormerMembersWork,
    SignInWork,
    MembersWork,
    IdentityWork,
    WorkspacesWork,
    SchedulingWork,
    ConversationsWork,
    JobsWork,
    WebhooksWork,
    BlobsWork,
    DocumentsWork,
    MemoriesWork,
    CollectionsWork,
    PruningWork,
    Protocol,
):
    """A unit of work with all repositories."""


class RecordedBell(Bell):
    """Notes what rings, and lets a test look at the world at that moment.

    Attributes:
        rung: the topics, in order of rings.
        meanwhile: awaited while it rings.
    """

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    @override
    async def ring(self, topics: Collection[str]) -> None:
        self.rung.extend(topics)
        if self.meanwhile is not None:
            await self.meanwhile()

    @override
    def listen(self, topic: str) -> AbstractAsyncContextManager[Listener]:
        raise AssertionError("A store rings and never listens.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """One store through all its ports. It need not be empty, and others may write to it at the same time.

    Attributes:
        clock: an hour behind the real time at first, which the store may use for its own.
    """

    begin: Begin[Work]
    workspaces: WorkspaceViews
    members: MemberViews
    invites: InviteViews
    scheduling: SchedulingViews
    conversations: ConversationViews
    conversation_lists: ConversationLists
    runs: RunViews
    exports: ConversationExports
    retention: RetentionViews
    jobs: JobViews
    usage: UsageViews
    usage_origins: UsageOrigins
    webhooks: WebhookViews
    delivery_log: DeliveryLog
    documents: DocumentViews
    blobs: BlobViews
    blob_log: BlobLog
    pictures: PictureViews
    memories: MemoryViews
    collections: CollectionViews
    memory_profiles: MemoryProfileViews
    memory_audit: MemoryAuditViews
    pruning: PruningViews
    deleted_memories: DeletedMemories
    message_exports: MessageExports
    activity: ActivityViews
    audit_log: AuditLog
    sealed_secrets: SealedSecrets
    audit_views: AuditViews
    statistics: StatisticsViews
    unanswered: UnansweredViews
    queue: JobQueue
    accounts: Accounts
    one_time_tokens: OneTimeTokenLog
    sessions: SessionViews
    session_log: SessionLog
    callers: Callers
    instance: InstanceViews
    keys: KeyViews
    users: UserViews
    idempotency_keys: IdempotencyKeys
    passage_search: PassageSearch
    embeddings: Embeddings
    passage_languages: PassageLanguages
    bell: RecordedBell
    clock: MemoryClock
