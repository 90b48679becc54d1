from datetime import datetime

from typing_extensions import override

from adapters.memory.pages import newest_first
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.webhooks import (
    Deliveries,
    DeliveryLog,
    DeliveryView,
    SentMessage,
    Webhooks,
    WebhookView,
    WebhookViews,
)
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import ConversationId, DeliveryId, MessageId, WorkspaceId
from domain.pages import Page
from domain.webhooks import Delivery, DeliveryStatus, Webhook


class MemoryWebhooks(Webhooks):
    """Webhooks within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._webhooks = store.webhooks
        self._transaction = transaction

    @override
    async def add(self, webhook: Webhook, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._webhooks, webhook)

    @override
    async def of_workspace(self, workspace_id: WorkspaceId) -> Webhook | None:
        return self._transaction.get(self._webhooks, workspace_id)

    @override
    async def lock(self, workspace_id: WorkspaceId) -> Webhook | None:
        # A row that is not there cannot be locked: of two who add it then, the second gets the conflict.
        if self._transaction.get(self._webhooks, workspace_id) is None:
            return None
        return await self._transaction.locked(self._webhooks, workspace_id)

    @override
    async def save(self, webhook: Webhook, because: Event) -> Webhook:
        self._transaction.explain(because)
        return await self._transaction.replace(self._webhooks, webhook)

    @override
    async def remove(self, webhook: Webhook, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.discard(self._webhooks, webhook)


class MemoryDeliveries(Deliveries):
    """Deliveries within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._deliveries = store.deliveries
        self._transaction = transaction

    @override
    async def add(self, delivery: Delivery) -> None:
        await self._transaction.insert(self._deliveries, delivery)

    @override
    async def get(self, delivery_id: DeliveryId) -> Delivery:
        return _found(self._transaction.get(self._deliveries, delivery_id))

    @override
    async def lock(self, delivery_id: DeliveryId) -> Delivery:
        delivery = await self._transaction.locked(self._deliveries, delivery_id)
        return _found(delivery)

    @override
    async def save(self, delivery: Delivery, because: Event | None = None) -> None:
        if because is not None:
            self._transaction.explain(because)
        await self._transaction.update(self._deliveries, delivery)


class MemoryDeliveryLog(DeliveryLog):
    """Committed deliveries."""

    def __init__(self, store: MemoryStore) -> None:
        self._deliveries = store.deliveries

    @override
    async def purge(self, before: datetime) -> int:
        rows = self._deliveries.rows
        old = [key for key, delivery in rows.items() if delivery.ended_at is not None and delivery.ended_at < before]
        for key in old:
            del rows[key]
        return len(old)


class MemoryWebhookViews(WebhookViews):
    """Committed webhooks and deliveries."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def webhook(self, workspace_id: WorkspaceId) -> WebhookView | None:
        webhook = self._store.webhooks.rows.get(workspace_id)
        return WebhookView.of(webhook) if webhook else None

    @override
    async def deliveries(
        self, workspace_id: WorkspaceId, status: DeliveryStatus | None, cursor: str | None, limit: int
    ) -> Page[DeliveryView]:
        deliveries = (row for row in self._store.deliveries.rows.values() if row.workspace_id == workspace_id)
        wanted = (DeliveryView.of(row) for row in deliveries if status in {None, row.status})
        return newest_first(wanted, cursor, limit)

    @override
    async def delivery(self, delivery_id: DeliveryId) -> DeliveryView | None:
        delivery = self._store.deliveries.rows.get(delivery_id)
        return DeliveryView.of(delivery) if delivery else None

    @override
    async def message(self, conversation_id: ConversationId, message_id: MessageId) -> SentMessage | None:
        conversation = self._store.conversations.rows.get(conversation_id)
        message = self._store.messages.rows.get(message_id)
        if conversation is None or message is None or message.conversation_id != conversation_id:
            return None
        return SentMessage(
            conversation_id=conversation_id,
            channel=conversation.channel,
            thread_id=conversation.external_id,
            message=message,
        )


def _found(delivery: Delivery | None) -> Delivery:
    if delivery is None:
        raise NotFound
    return delivery
