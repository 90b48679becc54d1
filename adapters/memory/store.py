from collections import defaultdict
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from adapters.memory.table import Locks, Reference, Table, Transaction, Unique
from application.ports.activity import ActivityView
from application.ports.idempotency import StoredAnswer
from application.ports.memories import MemoryPolicy
from domain.audit import Seal
from domain.blobs import Blob, BlobStatus
from domain.conversations import Conversation, Message, MessageRole, Run, RunInProgress, RunStatus, ThreadExists
from domain.errors import EditConflict
from domain.identity import Credential, EmailTaken, IdentityLink, Login, OneTimeToken, User
from domain.ids import BlobId, CollectionId, ConversationId, MemoryId, PassageId, UserId, WorkspaceId
from domain.jobs import Job, JobNotReplayable
from domain.knowledge import Document, Passage, Source, Standing
from domain.memories import Collection, CollectionExists, Memory, MemoryExists
from domain.scheduling import ActiveConnectorExists, Connector, Service
from domain.usage import Limit, UsageEntry
from domain.webhooks import Delivery, Webhook
from domain.workspaces import AlreadyInvited, HandleTaken, Invite, Membership, PersonalWorkspaceExists, Workspace


@dataclass(frozen=True, slots=True)
class SourceRow:
    """The passages of one source, by position, and in which language they are; None is that of whoever asks."""

    workspace_id: WorkspaceId
    source: Source
    passages: tuple[Passage, ...]
    standing: Standing
    language: str | None


@dataclass(frozen=True, slots=True)
class EmbeddingRow:
    """The vector of a passage."""

    passage_id: PassageId
    workspace_id: WorkspaceId
    embedder: str
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class NoticedLimit:
    """A limit that was reached on a day; `scope` is the conversation or the origin it was reached for, if any."""

    workspace_id: WorkspaceId
    day: date
    limit: Limit
    scope: bytes
    tokens: int


@dataclass(frozen=True, slots=True)
class BlobRow:
    """A blob in any of its states; `blob` is there once it was kept."""

    id: BlobId
    workspace_id: WorkspaceId
    begun_at: datetime
    status: BlobStatus = BlobStatus.WRITING
    blob: Blob | None = None

    @property
    def kept(self) -> Blob | None:
        """The blob, unless it is not there yet or any more."""
        return self.blob if self.status is BlobStatus.KEPT else None


@dataclass(frozen=True, slots=True)
class AnsweredKey:
    """An idempotency key, what its request was answered, and with which conversation or memory both are erased."""

    scope: bytes
    key: str
    at: datetime
    conversation_id: ConversationId | None
    memory_id: MemoryId | None
    answer: StoredAnswer = field(repr=False)


@dataclass(frozen=True, slots=True)
class SeenDelivery:
    """A message of an issuer, and when it came."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CollectedMemory:
    """A memory in a collection, at its place."""

    workspace_id: WorkspaceId
    collection_id: CollectionId
    memory_id: MemoryId
    position: int


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """The memories of a standing profile; `updated_at` is None until it is built."""

    workspace_id: WorkspaceId
    owner_id: UserId
    stable: tuple[MemoryId, ...] = ()
    recent: tuple[MemoryId, ...] = ()
    updated_at: datetime | None = None


class MemoryStore:
    """All that the adapters of this package keep, as committed: it lives and dies with the process.

    Attributes:
        activity: the events of each workspace; the one with number n is at n - 1. seals: those over them, alike.
        workers: when each was last present.
        in_workspaces: the tables whose rows go with their workspace, or its conversations.
    """

    def __init__(self) -> None:
        self.users = Table[User]("users", _id, Unique("users_email", lambda user: user.email, EmailTaken))
        self.workspaces = Table[Workspace](
            "workspaces",
            _id,
            Reference(self.users, lambda workspace: workspace.owner_id),
            Unique("workspaces_handle", lambda workspace: str(workspace.handle), HandleTaken),
            Unique("workspaces_personal", _personal_owner, PersonalWorkspaceExists),
        )
        self.memberships = Table[Membership](
            "memberships",
            lambda member: (member.workspace_id, member.user_id),
            Reference(self.workspaces, lambda member: member.workspace_id),
            Reference(self.users, lambda member: member.user_id),
        )
        self.invites = Table[Invite](
            "invites",
            lambda invite: invite.id,
            Reference(self.workspaces, lambda invite: invite.workspace_id),
            Reference(self.users, lambda invite: invite.invited_by),
            Unique("invites_pending", _pending_place, AlreadyInvited),
        )
        self.logins = Table[Login](
            "logins", lambda login: login.user_id, Reference(self.users, lambda login: login.user_id)
        )
        self.one_time_tokens = Table[OneTimeToken](
            "one_time_tokens", lambda token: token.id, Reference(self.users, lambda token: token.user_id)
        )
        self.identities = Table[IdentityLink]("identities", lambda link: (link.issuer, link.subject))
        in_workspace: Reference[
            Service | Connector | Conversation | Webhook | Delivery | UsageEntry | NoticedLimit | Memory | Document
        ] = Reference(self.workspaces, lambda row: row.workspace_id)
        self.services = Table[Service]("services", _id, in_workspace)
        self.connectors = Table[Connector](
            "connectors", _id, in_workspace, Unique("connectors_active", _where_active, ActiveConnectorExists)
        )
        self.webhooks = Table[Webhook]("webhooks", lambda webhook: webhook.workspace_id, in_workspace)
        self.usage_entries = Table[UsageEntry]("usage_entries", _id, in_workspace)
        self.noticed_limits = Table[NoticedLimit]("noticed_limits", lambda row: row, in_workspace)
        self.deliveries = Table[Delivery]("webhook_deliveries", _id, in_workspace)
        self.conversations = Table[Conversation](
            "conversations", _id, in_workspace, Unique("conversations_thread", _thread, ThreadExists)
        )
        in_conversation: Reference[Credential | Message | Run] = Reference(
            self.conversations, lambda row: row.conversation_id
        )
        self.credentials = Table[Credential](
            "credentials", _id, in_conversation, Reference(self.users, lambda credential: credential.user_id)
        )
        self.messages = Table[Message](
            "messages",
            _id,
            in_conversation,
            Unique("messages_position", _message_place, EditConflict),
            Unique("messages_turn", _message_turn, EditConflict),
            Unique("messages_external", _external_place, EditConflict),
        )
        self.memories = Table[Memory](
            "memories",
            _id,
            in_workspace,
            Reference(self.users, lambda memory: memory.owner_id),
            Unique("memories_live", _live_digest, MemoryExists),
        )
        self.memory_versions = Table[Memory]("memory_versions", lambda memory: (memory.id, memory.version))
        self.memory_policies = Table[MemoryPolicy]("memory_policies", lambda policy: policy.workspace_id)
        self.collections = Table[Collection](
            "collections",
            lambda collection: collection.id,
            Reference(self.workspaces, lambda collection: collection.workspace_id),
            Reference(self.users, lambda collection: collection.owner_id),
            Unique("collections_name", _collection_name, CollectionExists),
        )
        self.collection_memories = Table[CollectedMemory](
            "collection_memories",
            lambda held: (held.collection_id, held.memory_id),
            Reference(self.collections, lambda held: held.collection_id),
            Reference(self.memories, lambda held: held.memory_id),
        )
        self.memory_profiles = Table[ProfileRow](
            "memory_profiles",
            lambda profile: (profile.workspace_id, profile.owner_id),
            Reference(self.workspaces, lambda profile: profile.workspace_id),
            Reference(self.users, lambda profile: profile.owner_id),
        )
        self.runs = Table[Run](
            "runs",
            _id,
            in_conversation,
            Unique("runs_turn", lambda run: (run.conversation_id, run.turn), EditConflict),
            Unique("runs_running", _where_running, RunInProgress),
        )
        self.jobs = Table[Job]("jobs", _id, Unique("jobs_unended", unended_key, _job_waits))
        self.documents = Table[Document](
            "documents",
            _id,
            in_workspace,
            Unique("documents_source", lambda row: (row.workspace_id, row.source_uri), EditConflict),
        )
        self.sources = Table[SourceRow]("sources", lambda row: row.source)
        self.embeddings = Table[EmbeddingRow]("embeddings", lambda row: row.passage_id)
        # As in a database, rows of blobs refer to no workspace: they outlive it until their bytes are collected.
        self.blobs = Table[BlobRow]("blobs", lambda row: row.id)
        self.provider_deliveries = Table[SeenDelivery]("provider_deliveries", lambda seen: seen.id)
        self.idempotency_keys = Table[AnsweredKey]("idempotency_keys", lambda row: (row.scope, row.key))
        self.in_workspaces: tuple[Table[Any], ...] = (
            self.memberships,
            self.invites,
            self.services,
            self.connectors,
            self.webhooks,
            self.usage_entries,
            self.noticed_limits,
            self.deliveries,
            self.conversations,
            self.credentials,
            self.messages,
            self.runs,
            self.memories,
            self.memory_versions,
            self.memory_policies,
            self.collections,
            self.collection_memories,
            self.memory_profiles,
            self.documents,
            self.sources,
            self.embeddings,
            self.idempotency_keys,
        )
        self.activity: defaultdict[WorkspaceId, list[ActivityView]] = defaultdict(list)
        self.seals: defaultdict[WorkspaceId, list[Seal]] = defaultdict(list)
        self.workers: dict[str, datetime] = {}
        self.locks = Locks()

    @contextmanager
    def transaction(self) -> Generator[Transaction, None, None]:
        """A transaction that ends with the block, applied or not."""
        transaction = Transaction(self.locks)
        try:
            yield transaction
        finally:
            transaction.end()


def unended_key(job: Job) -> Hashable | None:
    """What only one unended job may have."""
    return None if job.unique_key is None or job.ended else (job.type, job.unique_key)


def _id(
    row: User
    | Credential
    | Workspace
    | Service
    | Connector
    | Delivery
    | UsageEntry
    | Conversation
    | Memory
    | Message
    | Run
    | Job
    | Document,
) -> Hashable:
    return row.id


def _message_place(message: Message) -> Hashable:
    return message.conversation_id, message.position


def _message_turn(message: Message) -> Hashable | None:
    return None if message.role is MessageRole.ASSISTANT else (message.conversation_id, message.turn)


def _external_place(message: Message) -> Hashable | None:
    return message.external_id and (message.conversation_id, message.external_id)


def _thread(conversation: Conversation) -> Hashable | None:
    return conversation.external_id and (conversation.workspace_id, conversation.channel, conversation.external_id)


def _live_digest(memory: Memory) -> Hashable | None:
    return (memory.workspace_id, memory.owner_id, memory.digest) if memory.live else None


def _collection_name(collection: Collection) -> Hashable:
    return collection.workspace_id, collection.owner_id, collection.name


def _job_waits() -> JobNotReplayable:
    return JobNotReplayable("Another job like this one waits or runs.")


def _personal_owner(workspace: Workspace) -> Hashable | None:
    return workspace.owner_id if workspace.personal else None


def _pending_place(invite: Invite) -> Hashable | None:
    return (invite.workspace_id, invite.email) if invite.pending else None


def _where_active(connector: Connector) -> Hashable | None:
    return connector.workspace_id if connector.active else None


def _where_running(run: Run) -> Hashable | None:
    return run.conversation_id if run.status is RunStatus.RUNNING else None
