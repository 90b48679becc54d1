"""A store as the contracts see it. A technology's conftest gives it as the fixture `stores`."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from adapters.memory.clock import MemoryClock
from application.ports.activity import ActivityViews
from application.ports.bell import Bell, Listener
from application.ports.conversation_lists import ConversationLists
from application.ports.conversations import ConversationsWork, ConversationViews
from application.ports.exports import ConversationExports
from application.ports.idempotency import IdempotencyKeys
from application.ports.identity import IdentityWork
from application.ports.jobs import JobQueue, JobsWork, JobViews
from application.ports.knowledge import PassageSearch
from application.ports.retention import RetentionViews
from application.ports.runs import RunViews
from application.ports.scheduling import SchedulingViews, SchedulingWork
from application.ports.statistics import StatisticsViews
from application.ports.token_verifier import TokenVerifier
from application.ports.unanswered import UnansweredViews
from application.ports.unit_of_work import Begin
from application.ports.usage import UsageOrigins, UsageViews
from application.ports.webhooks import WebhooksWork, WebhookViews
from application.ports.workspaces import WorkspacesWork, WorkspaceViews


class Work(IdentityWork, WorkspacesWork, SchedulingWork, ConversationsWork, JobsWork, WebhooksWork, Protocol):
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
    activity: ActivityViews
    statistics: StatisticsViews
    unanswered: UnansweredViews
    queue: JobQueue
    token_verifier: TokenVerifier
    idempotency_keys: IdempotencyKeys
    passage_search: PassageSearch
    bell: RecordedBell
    clock: MemoryClock
