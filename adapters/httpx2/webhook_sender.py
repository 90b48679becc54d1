import asyncio
from collections.abc import Callable, Mapping

import httpx2
from typing_extensions import override

from adapters.httpx2.answers import asked_wait, is_tls
from adapters.httpx2.guard import AddressRefused
from application.ports.clock import Clock
from application.ports.webhook_sender import SendAnswer, Undeliverable, WebhookSender
from domain.webhooks import SendFault


class HttpxWebhookSender(WebhookSender):
    """Sends over HTTP/1.1, each time on a connection of its own, which is closed once the head of the answer is there.

    Args:
        clock: for what the receiver says of a time of day.
        transport: makes what is sent through; a `GuardedTransport` keeps private addresses out of reach.
        patience: seconds for all of it, from the name's resolution to the head of the answer.
    """

    def __init__(self, clock: Clock, transport: Callable[[], httpx2.AsyncBaseTransport], patience: float = 10) -> None:
        self._clock = clock
        self._transport = transport
        self._patience = patience

    @override
    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> SendAnswer:
        try:
            async with asyncio.timeout(self._patience):
                return await self._post(url, headers, body)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise Undeliverable(SendFault.TIMEOUT) from error
        except AddressRefused as error:
            raise Undeliverable(SendFault.ADDRESS_REFUSED) from error
        except httpx2.ConnectError as error:
            raise Undeliverable(SendFault.TLS if is_tls(error) else SendFault.CANNOT_CONNECT) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Undeliverable(SendFault.BAD_ANSWER) from error

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> SendAnswer:
        async with (
            httpx2.AsyncClient(
                transport=self._transport(), timeout=self._patience, trust_env=False, follow_redirects=False
            ) as client,
            client.stream("POST", url, headers=headers, content=body) as answer,
        ):
            return SendAnswer(answer.status_code, asked_wait(answer, self._clock.now()))
