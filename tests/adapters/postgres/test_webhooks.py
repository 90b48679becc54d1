from tests.contracts.webhooks import DeliveriesContract, WebhooksContract, WebhookViewsContract


class TestDeliveries(DeliveriesContract): ...


class TestWebhooks(WebhooksContract): ...


class TestWebhookViews(WebhookViewsContract): ...
