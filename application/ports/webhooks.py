from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, Self

from application.ports.jobs import Jobs
from application.ports.unit_of_work import UnitOfWork
from application.ports.workspaces import Workspaces
from domain.activity import Event
from domain.conversations import Channel, Message
from domain.ids import ConversationId, DeliveryId, JobId, MessageId, WorkspaceId
from domain.pages import Page
from domain.webhooks import Attempt, Delivery, DeliveryStatus, DeliveryType, DisabledReason, SigningSecret, Webhook

DELIVERY_LOG_KEPT = timedelta(days=30)
"""How long a delivery that has ended is told of: as long as anybody looks for one that failed, or sends it again."""


class Webhooks(Protocol):
    """Where workspaces have their messages sent, one for each at most."""

    async def add(self, webhook: Webhook, because: Event) -> None:
        """Stores a new webhook.

        Raises:
            Conflict: the workspace has one.
        """
        ...

    async def of_workspace(self, workspace_id: WorkspaceId) -> Webhook | None:
        """The workspace's webhook, or None."""
        ...

    async def lock(self, workspace_id: WorkspaceId) -> Webhook | None:
        """As `of_workspace`, and nobody else changes it until the unit ends."""
        ...

    async def save(self, webhook: Webhook, because: Event) -> Webhook:
        """Replaces the version that was read, and returns what is stored now, its version raised by one.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...

    async def remove(self, webhook: Webhook, because: Event) -> None:
        """The webhook is gone.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...


class Deliveries(Protocol):
    """The log of what was sent, and is to be."""

    async def add(self, delivery: Delivery) -> None:
        """Stores a new delivery; needs no event."""
        ...

    async def get(self, delivery_id: DeliveryId) -> Delivery:
        """The delivery.

        Raises:
            NotFound: there is none.
        """
        ...

    async def lock(self, delivery_id: DeliveryId) -> Delivery:
        """As `get`, and nobody else changes it until the unit ends.

        Raises:
            NotFound: there is none.
        """
        ...

    async def save(self, delivery: Delivery, because: Event | None = None) -> None:
        """Replaces a delivery that was locked in this unit; needs no event."""
        ...


class DeliveryLog(Protocol):
    """The deliveries of all workspaces."""

    async def purge(self, before: datetime) -> int:
        """Forgets those that ended before then; returns how many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """A webhook as members see it; `secret` is there only where it was just made, and None ever after."""

    workspace_id: WorkspaceId
    url: str
    active: bool
    disabled_reason: DisabledReason | None
    secret: str | None = field(default=None, repr=False)
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, webhook: Webhook, secret: SigningSecret | None = None) -> Self:
        """The view of what was just written or read."""
        return cls(
            workspace_id=webhook.workspace_id,
            url=webhook.url,
            active=webhook.active,
            disabled_reason=webhook.disabled_reason,
            secret=secret.reveal() if secret else None,
            version=webhook.version,
            created_at=webhook.created_at,
            updated_at=webhook.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery as members see it; its `id` is the `webhook-id` its receiver gets, and its job tells the next try."""

    id: DeliveryId
    workspace_id: WorkspaceId
    type: DeliveryType
    conversation_id: ConversationId | None
    message_id: MessageId | None
    status: DeliveryStatus
    attempts: Sequence[Attempt]
    job_id: JobId
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=delivery.id,
            workspace_id=delivery.workspace_id,
            type=delivery.type,
            conversation_id=delivery.conversation_id,
            message_id=delivery.message_id,
            status=delivery.status,
            attempts=delivery.attempts,
            job_id=delivery.job_id,
            created_at=delivery.created_at,
            ended_at=delivery.ended_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message as it leaves; `thread_id` is the channel's own for the conversation."""

    conversation_id: ConversationId
    channel: Channel
    thread_id: str | None
    message: Message


class WebhookViews(Protocol):
    """Webhooks, what was sent through them, and what is to be; to look at."""

    async def webhook(self, workspace_id: WorkspaceId) -> WebhookView | None:
        """The workspace's webhook, or None."""
        ...

    async def deliveries(
        self, workspace_id: WorkspaceId, status: DeliveryStatus | None, cursor: str | None, limit: int
    ) -> Page[DeliveryView]:
        """The workspace's deliveries, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def delivery(self, delivery_id: DeliveryId) -> DeliveryView | None:
        """The delivery, or None."""
        ...

    async def message(self, conversation_id: ConversationId, message_id: MessageId) -> SentMessage | None:
        """The message as it is now, or None when it was erased."""
        ...


class WebhooksWork(UnitOfWork, Protocol):
    """What use cases of webhooks touch."""

    webhooks: Webhooks
    deliveries: Deliveries
    workspaces: Workspaces
    jobs: Jobs
