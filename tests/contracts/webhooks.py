import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.ports.webhooks import DeliveryView, SentMessage, WebhookView
from domain.conversations import Channel, Conversation
from domain.errors import Conflict, EditConflict, NotFound
from domain.ids import ConversationId, DeliveryId, MessageId
from domain.pages import InvalidCursor, encode_cursor
from domain.webhooks import (
    Attempt,
    Delivery,
    DeliveryFailed,
    DeliveryStatus,
    DisabledReason,
    SendFault,
    Webhook,
    WebhookCreated,
    WebhookEdited,
    WebhookEvent,
    WebhookRemoved,
)
from tests.contracts.examples import (
    Tenant,
    a_tenant,
    conversation_started,
    erase,
    later,
    refused,
    say_as_member,
)
from tests.contracts.stores import Stores


def unstored_webhook(stores: Stores, tenant: Tenant, **fields: Any) -> Webhook:
    at = later(stores)
    webhook = Webhook(
        workspace_id=tenant.id,
        url="https://bridge.example/hook",
        sealed=b"\x00sealed\xff",
        created_at=at,
        updated_at=at,
    )
    return replace(webhook, **fields)


def happened(tenant: Tenant, webhook: Webhook, event: type[WebhookEvent], stores: Stores) -> WebhookEvent:
    return event.of(webhook, by=tenant.user.actor, at=later(stores))


async def a_webhook(stores: Stores, tenant: Tenant, **fields: Any) -> Webhook:
    webhook = unstored_webhook(stores, tenant, **fields)
    async with stores.begin() as work:
        await work.webhooks.add(webhook, because=happened(tenant, webhook, WebhookCreated, stores))
        return await work.commit(webhook)


async def a_delivery(stores: Stores, tenant: Tenant, **fields: Any) -> Delivery:
    delivery = Delivery.of_message(tenant.id, ConversationId(uuid4()), MessageId(uuid4()), later(stores))
    return await add(stores, replace(delivery, **fields))


async def add(stores: Stores, delivery: Delivery) -> Delivery:
    async with stores.begin() as work:
        await work.deliveries.add(delivery)
        return await work.commit(delivery)


async def stored(stores: Stores, tenant: Tenant) -> Webhook | None:
    async with stores.begin() as work:
        return await work.webhooks.of_workspace(tenant.id)


class WebhooksContract:
    """Every `Webhooks`."""

    async def test_a_webhook_is_stored_as_it_was(self, stores: Stores) -> None:
        bare, full = await a_tenant(stores), await a_tenant(stores)
        until = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
        rotated = await a_webhook(
            stores,
            full,
            retired=b"old",
            retired_until=until,
            active=False,
            disabled_reason=DisabledReason.GONE,
        )
        plain = await a_webhook(stores, bare)
        assert await stored(stores, bare) == plain
        assert await stored(stores, full) == rotated
        async with stores.begin() as work:
            assert await work.webhooks.lock(bare.id) == plain

    async def test_a_workspace_without_a_webhook_has_none(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            assert await work.webhooks.of_workspace(tenant.id) is None
            assert await work.webhooks.lock(tenant.id) is None

    async def test_a_second_webhook_of_a_workspace_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        first = await a_webhook(stores, tenant)
        second = unstored_webhook(stores, tenant)
        async with refused(stores, Conflict) as work:
            await work.webhooks.add(second, because=happened(tenant, second, WebhookCreated, stores))
        assert await stored(stores, tenant) == first

    async def test_of_two_who_add_a_webhook_at_once_one_does(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        answers = await asyncio.gather(*(a_webhook(stores, tenant) for _ in range(2)), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Webhook"]

    async def test_saving_raises_the_version_by_one(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        webhook = await a_webhook(stores, tenant)
        changed = webhook.edited("https://other.example/", later(stores), active=False)
        async with stores.begin() as work:
            saved = await work.webhooks.save(changed, because=happened(tenant, changed, WebhookEdited, stores))
            await work.commit(None)
        assert saved == replace(changed, version=2)
        assert await stored(stores, tenant) == saved

    async def test_of_two_units_that_read_one_version_the_second_gets_the_conflict(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        webhook = await a_webhook(stores, tenant)
        edited = happened(tenant, webhook, WebhookEdited, stores)
        async with stores.begin() as one, stores.begin() as two:
            await one.webhooks.save(webhook, because=edited)
            await one.commit(None)
            with pytest.raises(EditConflict):
                await two.webhooks.save(webhook, because=edited)

    async def test_who_locks_a_webhook_waits_for_the_one_before(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await a_webhook(stores, tenant)

        async def turn_over() -> None:
            async with stores.begin() as work:
                webhook = await work.webhooks.lock(tenant.id)
                assert webhook is not None
                changed = webhook.edited(webhook.url, later(stores), active=not webhook.active)
                await work.webhooks.save(changed, because=happened(tenant, changed, WebhookEdited, stores))
                await work.commit(None)

        await asyncio.gather(*(turn_over() for _ in range(6)))
        webhook = await stored(stores, tenant)
        assert webhook is not None
        assert (webhook.version, webhook.active) == (7, True)

    async def test_a_removed_webhook_is_gone_and_makes_room_for_another(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        webhook = await a_webhook(stores, tenant)
        removed = happened(tenant, webhook, WebhookRemoved, stores)
        async with stores.begin() as work:
            await work.webhooks.remove(webhook, because=removed)
            await work.commit(None)
        assert await stored(stores, tenant) is None
        async with refused(stores, EditConflict) as work:
            await work.webhooks.save(webhook, because=removed)
        async with refused(stores, EditConflict) as work:
            await work.webhooks.remove(webhook, because=removed)
        assert await a_webhook(stores, tenant) == await stored(stores, tenant)

    async def test_a_webhook_that_was_changed_meanwhile_is_not_removed(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        webhook = await a_webhook(stores, tenant)
        async with stores.begin() as work:
            await work.webhooks.save(webhook, because=happened(tenant, webhook, WebhookEdited, stores))
            await work.commit(None)
        async with refused(stores, EditConflict) as work:
            await work.webhooks.remove(webhook, because=happened(tenant, webhook, WebhookRemoved, stores))
        assert await stored(stores, tenant) is not None


class DeliveriesContract:
    """Every `Deliveries`."""

    async def test_a_delivery_is_stored_as_it_was_without_an_event(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        head = await stores.activity.head(tenant.id)
        at = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
        attempts = (
            Attempt(at=at, status_code=503, milliseconds=41),
            Attempt(at=at + timedelta(seconds=5), error=SendFault.TIMEOUT, milliseconds=10_000),
        )
        tried = await a_delivery(stores, tenant, attempts=attempts, status=DeliveryStatus.FAILED, ended_at=at)
        test = await add(stores, Delivery.of_test(tenant.id, later(stores)))
        async with stores.begin() as work:
            assert await work.deliveries.get(tried.id) == tried
            assert await work.deliveries.lock(test.id) == test
        assert await stores.activity.head(tenant.id) == head

    async def test_an_unknown_delivery_is_not_found(self, stores: Stores) -> None:
        async with stores.begin() as work:
            for find in (work.deliveries.get, work.deliveries.lock):
                with pytest.raises(NotFound):
                    await find(DeliveryId(uuid4()))

    async def test_a_delivery_is_replaced_with_an_event_or_without(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        delivery = await a_delivery(stores, tenant)
        head = await stores.activity.head(tenant.id)
        tried = delivery.tried(Attempt(at=later(stores), status_code=500, milliseconds=3))
        async with stores.begin() as work:
            await work.deliveries.lock(delivery.id)
            await work.deliveries.save(tried)
            await work.commit(None)
        failed = tried.failed(later(stores))
        async with stores.begin() as work:
            assert await work.deliveries.lock(delivery.id) == tried
            because = DeliveryFailed.of(failed, by=tenant.user.actor, at=later(stores))
            await work.deliveries.save(failed, because=because)
            await work.commit(None)
        assert await stores.webhooks.delivery(delivery.id) == DeliveryView.of(failed)
        assert await stores.activity.head(tenant.id) == head + 1

    async def test_who_locks_a_delivery_waits_for_the_one_before(self, stores: Stores) -> None:
        delivery = await a_delivery(stores, await a_tenant(stores))

        async def try_once() -> None:
            async with stores.begin() as work:
                locked = await work.deliveries.lock(delivery.id)
                number = len(locked.attempts)
                await work.deliveries.save(
                    locked.tried(Attempt(at=later(stores), status_code=500, milliseconds=number))
                )
                await work.commit(None)

        await asyncio.gather(*(try_once() for _ in range(6)))
        view = await stores.webhooks.delivery(delivery.id)
        assert view is not None
        assert [attempt.milliseconds for attempt in view.attempts] == list(range(6))


class DeliveryLogContract:
    """Every `DeliveryLog`."""

    async def test_what_ended_before_then_is_forgotten(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), datetime(2001, 1, 1, tzinfo=UTC)
        pending = await a_delivery(stores, tenant, created_at=at)
        ended = {"status": DeliveryStatus.FAILED, "created_at": at}
        old = await a_delivery(stores, tenant, **ended, ended_at=at)
        young = await a_delivery(stores, tenant, **ended, ended_at=at + timedelta(seconds=1))
        assert await stores.delivery_log.purge(at + timedelta(seconds=1)) == 1
        left = [await stores.webhooks.delivery(delivery.id) for delivery in (pending, old, young)]
        assert left == [DeliveryView.of(pending), None, DeliveryView.of(young)]
        assert await stores.delivery_log.purge(at + timedelta(seconds=1)) == 0


class WebhookViewsContract:
    """Every `WebhookViews`."""

    async def test_a_view_is_that_of_what_was_written_and_holds_no_secret(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assert await stores.webhooks.webhook(tenant.id) is None
        webhook = await a_webhook(stores, tenant)
        assert await stores.webhooks.webhook(tenant.id) == WebhookView.of(webhook)
        assert WebhookView.of(webhook).secret is None

    async def test_deliveries_are_paged_newest_first_and_by_status(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await a_delivery(stores, await a_tenant(stores))
        ended = {"status": DeliveryStatus.DELIVERED, "ended_at": later(stores)}
        made = [await a_delivery(stores, tenant, **(ended if number % 2 else {})) for number in range(5)]
        views = [DeliveryView.of(delivery) for delivery in reversed(made)]
        first = await stores.webhooks.deliveries(tenant.id, None, None, 3)
        second = await stores.webhooks.deliveries(tenant.id, None, first.next_cursor, 3)
        assert [*first.items, *second.items] == views
        assert second.next_cursor is None
        pending = await stores.webhooks.deliveries(tenant.id, DeliveryStatus.PENDING, None, 2)
        rest = await stores.webhooks.deliveries(tenant.id, DeliveryStatus.PENDING, pending.next_cursor, 2)
        assert [*pending.items, *rest.items] == views[::2]
        failed = await stores.webhooks.deliveries(tenant.id, DeliveryStatus.FAILED, None, 2)
        assert (failed.items, failed.next_cursor) == ([], None)

    async def test_a_delivery_that_is_not_there_is_none(self, stores: Stores) -> None:
        assert await stores.webhooks.delivery(DeliveryId(uuid4())) is None

    @pytest.mark.parametrize("cursor", ["", "!", "WzFd", encode_cursor("x"), encode_cursor(1, 2, 3), "é"])
    async def test_a_cursor_that_the_list_never_gave_is_refused(self, stores: Stores, cursor: str) -> None:
        tenant = await a_tenant(stores)
        with pytest.raises(InvalidCursor):
            await stores.webhooks.deliveries(tenant.id, None, cursor, 10)

    async def test_a_message_leaves_as_it_is_with_its_channel_and_thread(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await self._conversation(stores, tenant)
        message = await say_as_member(stores, conversation, "Žofie is here.")
        assert await stores.webhooks.message(conversation.id, message.id) == SentMessage(
            conversation_id=conversation.id,
            channel=Channel.WHATSAPP,
            thread_id=conversation.external_id,
            message=message,
        )

    async def test_a_message_that_is_not_there_or_elsewhere_is_none(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        here, there = [await self._conversation(stores, tenant) for _ in range(2)]
        message = await say_as_member(stores, here)
        assert await stores.webhooks.message(there.id, message.id) is None
        assert await stores.webhooks.message(here.id, MessageId(uuid4())) is None
        await erase(stores, here)
        assert await stores.webhooks.message(here.id, message.id) is None

    async def _conversation(self, stores: Stores, tenant: Tenant) -> Conversation:
        conversation = replace(
            Conversation.started(tenant.id, "Vera", None, later(stores)),
            channel=Channel.WHATSAPP,
            external_id=f"+420{uuid4().int % 10**9}",
        )
        async with stores.begin() as work:
            await work.conversations.add(conversation, because=conversation_started(conversation))
            return await work.commit(conversation)
