from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override

from adapters.memory.webhook_sender import MemoryWebhookSender
from application.ports.webhook_sender import SendAnswer, Undeliverable
from domain.webhooks import SendFault
from tests.contracts.webhook_sender import Receiver, Receiving, WebhookSenderContract


@asynccontextmanager
async def receiving(answer: SendAnswer | SendFault) -> AsyncGenerator[Receiver]:
    sender = MemoryWebhookSender(answer)
    yield Receiver(
        url="https://bridge.example/",
        sender=sender,
        bodies=lambda: [sent.body for sent in sender.sent],
        ids=lambda: [sent.headers["webhook-id"] for sent in sender.sent],
    )


class TestMemoryWebhookSender(WebhookSenderContract):
    @pytest.fixture
    @override
    def receiving(self) -> Receiving:
        return receiving


async def test_answers_come_in_order_and_the_last_one_stays() -> None:
    sender = MemoryWebhookSender(SendFault.TIMEOUT, SendAnswer(500), SendAnswer(200))

    with pytest.raises(Undeliverable):
        await sender.send("https://bridge.example/", {}, b"")
    assert [(await sender.send("https://bridge.example/", {}, b"")).status for _ in range(3)] == [500, 200, 200]
