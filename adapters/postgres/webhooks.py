from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, select
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.conversations import MESSAGES
from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Database, Queries, Statement
from adapters.postgres.tables import conversations, messages, webhook_deliveries, webhooks
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
from domain.conversations import Channel
from domain.errors import EditConflict, NotFound
from domain.ids import ConversationId, DeliveryId, MessageId, WorkspaceId
from domain.pages import Page
from domain.webhooks import Delivery, DeliveryStatus, Webhook

_WEBHOOKS = Mapped(Webhook, webhooks)
_ADD_WEBHOOK = _WEBHOOKS.inserting()
_WEBHOOK = _WEBHOOKS.by_id()
_LOCK_WEBHOOK = _WEBHOOKS.by_id(lock=True)
_SAVE_WEBHOOK = _WEBHOOKS.replacing_version()
_REMOVE_WEBHOOK = _WEBHOOKS.removing_version()
_DELIVERIES = Mapped(Delivery, webhook_deliveries)
_ADD_DELIVERY = _DELIVERIES.inserting()
_DELIVERY = _DELIVERIES.by_id()
_LOCK_DELIVERY = _DELIVERIES.by_id(lock=True)
_SAVE_DELIVERY = _DELIVERIES.replacing()
_PURGE = Command(delete(webhook_deliveries).where(webhook_deliveries.c.ended_at < bindparam("before")))


class PostgresWebhooks(Webhooks):
    """Webhooks, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, webhook: Webhook, because: Event) -> None:
        await self._queries.run(_ADD_WEBHOOK, **_WEBHOOKS.values(webhook))
        self._changes.explain(because)

    @override
    async def of_workspace(self, workspace_id: WorkspaceId) -> Webhook | None:
        return await self._queries.one(_WEBHOOK, id=workspace_id)

    @override
    async def lock(self, workspace_id: WorkspaceId) -> Webhook | None:
        return await self._queries.one(_LOCK_WEBHOOK, id=workspace_id)

    @override
    async def save(self, webhook: Webhook, because: Event) -> Webhook:
        changes = _WEBHOOKS.changes(webhook)
        if not await self._queries.run(_SAVE_WEBHOOK, key=webhook.workspace_id, expected=webhook.version, **changes):
            raise EditConflict
        self._changes.explain(because)
        return replace(webhook, version=webhook.version + 1)

    @override
    async def remove(self, webhook: Webhook, because: Event) -> None:
        if not await self._queries.run(_REMOVE_WEBHOOK, key=webhook.workspace_id, expected=webhook.version):
            raise EditConflict
        self._changes.explain(because)


class PostgresDeliveries(Deliveries):
    """Deliveries, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, delivery: Delivery) -> None:
        await self._queries.run(_ADD_DELIVERY, **_DELIVERIES.values(delivery))

    @override
    async def get(self, delivery_id: DeliveryId) -> Delivery:
        return _found(await self._queries.one(_DELIVERY, id=delivery_id))

    @override
    async def lock(self, delivery_id: DeliveryId) -> Delivery:
        return _found(await self._queries.one(_LOCK_DELIVERY, id=delivery_id))

    @override
    async def save(self, delivery: Delivery, because: Event | None = None) -> None:
        await self._queries.run(_SAVE_DELIVERY, key=delivery.id, **_DELIVERIES.changes(delivery))
        if because is not None:
            self._changes.explain(because)


class PostgresDeliveryLog(DeliveryLog):
    """Deliveries, as rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def purge(self, before: datetime) -> int:
        return await self._database.run(_PURGE, before=before)


def _webhook_view(**columns: Any) -> WebhookView:
    return WebhookView.of(_WEBHOOKS.make(**columns))


def _delivery_view(**columns: Any) -> DeliveryView:
    return DeliveryView.of(_DELIVERIES.make(**columns))


def _sent(*, channel: Channel, thread_id: str | None, **columns: Any) -> SentMessage:
    message = MESSAGES.make(**columns)
    return SentMessage(conversation_id=message.conversation_id, channel=channel, thread_id=thread_id, message=message)


_WEBHOOK_VIEW = Statement(_WEBHOOKS.select().where(webhooks.c.workspace_id == bindparam("id")), _webhook_view)
_DELIVERY_VIEW = Statement(_DELIVERIES.select().where(webhook_deliveries.c.id == bindparam("id")), _delivery_view)
_SENT = Statement(
    select(conversations.c.channel, conversations.c.external_id.label("thread_id"), *MESSAGES.columns)
    .join_from(messages, conversations, conversations.c.id == messages.c.conversation_id)
    .where(messages.c.id == bindparam("id"), messages.c.conversation_id == bindparam("of_conversation")),
    _sent,
)


@cache
def _listing(*, by_status: bool, behind: bool) -> Statement[DeliveryView]:
    construct = _DELIVERIES.select().where(webhook_deliveries.c.workspace_id == bindparam("workspace_id"))
    if by_status:
        construct = construct.where(webhook_deliveries.c.status == bindparam("status"))
    return Statement(newest_first(construct, webhook_deliveries, behind=behind), _delivery_view)


class PostgresWebhookViews(WebhookViews):
    """Webhooks and deliveries, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def webhook(self, workspace_id: WorkspaceId) -> WebhookView | None:
        return await self._database.one(_WEBHOOK_VIEW, id=workspace_id)

    @override
    async def deliveries(
        self, workspace_id: WorkspaceId, status: DeliveryStatus | None, cursor: str | None, limit: int
    ) -> Page[DeliveryView]:
        given = {} if status is None else {"status": status}
        listing = _listing(by_status=status is not None, behind=cursor is not None)
        found = await self._database.all(listing, workspace_id=workspace_id, **given, **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def delivery(self, delivery_id: DeliveryId) -> DeliveryView | None:
        return await self._database.one(_DELIVERY_VIEW, id=delivery_id)

    @override
    async def message(self, conversation_id: ConversationId, message_id: MessageId) -> SentMessage | None:
        return await self._database.one(_SENT, id=message_id, of_conversation=conversation_id)


def _found(delivery: Delivery | None) -> Delivery:
    if delivery is None:
        raise NotFound
    return delivery
