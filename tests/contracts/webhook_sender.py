"""What every webhook sender promises. A test class per adapter inherits the contract and overrides its fixture."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from application.ports.webhook_sender import SendAnswer, Undeliverable, WebhookSender
from domain.webhooks import SendFault

HEADERS = {"Content-Type": "application/json", "webhook-id": "one"}
BODY = json.dumps({"type": "webhook.test", "name": "Žofie"}, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody at `url`, whom `sender` reaches; `bodies` and `ids` are what came, in order."""

    url: str
    sender: WebhookSender
    bodies: Callable[[], Sequence[bytes]]
    ids: Callable[[], Sequence[str]]


Receiving = Callable[[SendAnswer | SendFault], AbstractAsyncContextManager[Receiver]]


class WebhookSenderContract:
    @pytest.fixture
    def receiving(self) -> Receiving:
        """Receivers who give this answer, or have this fault, which is one of no connection."""
        raise NotImplementedError

    @pytest.mark.parametrize("status", [200, 204, 301, 302, 308, 400, 410, 429, 500, 503])
    async def test_whatever_is_answered_is_told_and_nothing_is_sent_twice(
        self, receiving: Receiving, status: int
    ) -> None:
        async with receiving(SendAnswer(status)) as receiver:
            assert await receiver.sender.send(receiver.url, HEADERS, BODY) == SendAnswer(status)

            assert list(receiver.bodies()) == [BODY]
            assert list(receiver.ids()) == ["one"]

    async def test_the_wait_that_is_asked_for_is_told(self, receiving: Receiving) -> None:
        asked = SendAnswer(429, timedelta(seconds=120))
        async with receiving(asked) as receiver:
            assert await receiver.sender.send(receiver.url, HEADERS, BODY) == asked

    async def test_no_answer_is_an_error_that_says_why(self, receiving: Receiving) -> None:
        async with receiving(SendFault.CANNOT_CONNECT) as receiver:
            with pytest.raises(Undeliverable) as raised:
                await receiver.sender.send(receiver.url, HEADERS, BODY)
        assert raised.value.code is SendFault.CANNOT_CONNECT
