from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from application.ports.clock import Clock
from application.ports.webhook_sender import WebhookSender
from application.webhooks.deliver_webhook import WebhookDeliverer
from application.webhooks.deliveries import ListDeliveries, ReadDelivery, ResendDelivery
from application.webhooks.end_undelivered import EndUndelivered
from application.webhooks.webhooks import (
    ReadWebhook,
    RemoveWebhook,
    RotateWebhookSecret,
    SendTestDelivery,
    SetWebhook,
)
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


def _sender(clock: Clock, *, allow_private: bool) -> WebhookSender:
    # The client is imported once something is to be sent: it takes longer than the rest of a start.
    from adapters.httpx2.guard import GuardedTransport  # noqa: PLC0415
    from adapters.httpx2.webhook_sender import HttpxWebhookSender  # noqa: PLC0415

    return HttpxWebhookSender(clock, lambda: GuardedTransport(allow_private=allow_private))


class Webhooks(DeclarativeContainer):
    """Webhooks, and what is sent through them."""

    ports = given(Ports)

    sender = Singleton(_sender, clock=ports.clock, allow_private=ports.outbound_allow_private)
    read_webhook = Factory(ReadWebhook, views=ports.webhook_views)
    set_webhook = Factory(
        SetWebhook,
        begin=ports.begin,
        secret_box=ports.secret_box,
        clock=ports.clock,
        allow_private=ports.outbound_allow_private,
    )
    rotate_webhook_secret = Factory(
        RotateWebhookSecret, begin=ports.begin, secret_box=ports.secret_box, clock=ports.clock
    )
    remove_webhook = Factory(RemoveWebhook, begin=ports.begin, clock=ports.clock)
    send_test_delivery = Factory(SendTestDelivery, begin=ports.begin, clock=ports.clock)
    list_deliveries = Factory(ListDeliveries, views=ports.webhook_views)
    read_delivery = Factory(ReadDelivery, views=ports.webhook_views)
    resend_delivery = Factory(ResendDelivery, begin=ports.begin, clock=ports.clock)
    deliver_webhook = Factory(
        WebhookDeliverer,
        begin=ports.begin,
        views=ports.webhook_views,
        sender=sender,
        secret_box=ports.secret_box,
        clock=ports.clock,
    )
    end_undelivered = Factory(EndUndelivered, clock=ports.clock)
