import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime

import pytest
from typing_extensions import override

from adapters.httpx2.guard import GuardedTransport
from adapters.httpx2.webhook_sender import HttpxWebhookSender
from adapters.memory.clock import MemoryClock
from application.ports.webhook_sender import SendAnswer, Undeliverable
from domain.webhooks import SendFault
from tests.contracts.webhook_sender import BODY, HEADERS, Receiver, Receiving, WebhookSenderContract
from tests.wire.server import Reply, Server, Then, head, piece, plain, refusing


def sender(*, patience: float = 10, allow_private: bool = True) -> HttpxWebhookSender:
    return HttpxWebhookSender(MemoryClock(), lambda: GuardedTransport(allow_private=allow_private), patience)


def reply_of(answer: SendAnswer) -> Reply:
    asked = {} if answer.retry_after is None else {"retry_after": str(answer.retry_after // timedelta(seconds=1))}
    return plain(answer.status, "", location="/elsewhere", **asked)


@asynccontextmanager
async def receiving(answer: SendAnswer | SendFault) -> AsyncGenerator[Receiver]:
    async with Server(reply_of(answer) if isinstance(answer, SendAnswer) else ()) as server:
        yield Receiver(
            url=f"{server.url}/hook" if isinstance(answer, SendAnswer) else await refusing(),
            sender=sender(),
            bodies=lambda: [request.raw for request in server.requests],
            ids=lambda: [request.headers["webhook-id"] for request in server.requests],
        )


class TestHttpxWebhookSender(WebhookSenderContract):
    @pytest.fixture
    @override
    def receiving(self) -> Receiving:
        return receiving


async def fault(url: str, *, patience: float = 10, allow_private: bool = True) -> SendFault:
    with pytest.raises(Undeliverable) as raised:
        await sender(patience=patience, allow_private=allow_private).send(url, HEADERS, BODY)
    return raised.value.code


@pytest.mark.parametrize("steps", [(), (b"HTTP/1.1 200 OK\r\n",), (b"HTTP/1.1 200 OK\r\nX-One: ",)], ids=repr)
async def test_who_does_not_answer_in_time_is_left(steps: tuple[bytes, ...]) -> None:
    async with Server((*steps, Then.HANG)) as server:
        assert await fault(server.url, patience=1) is SendFault.TIMEOUT

        await asyncio.wait_for(server.gone.wait(), 10)


@pytest.mark.parametrize(
    "steps",
    [
        (Then.RESET,),
        (Then.CLOSE,),
        (b"HTTP/1.1 200", Then.CLOSE),
        (b"SMTP ready\r\n\r\n",),
        (b"HTTP/1.1 999999 Whatever\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 300_000, Then.CLOSE),
    ],
    ids=lambda steps: repr(steps)[:40],
)
async def test_who_does_not_speak_http_is_told_so(steps: Reply) -> None:
    async with Server(steps) as server:
        assert await fault(server.url) is SendFault.BAD_ANSWER


async def test_an_endless_answer_is_not_read() -> None:
    async with Server((head(200), *[piece("x" * 60_000)] * 20, Then.HANG)) as server:
        assert await sender().send(server.url, HEADERS, BODY) == SendAnswer(200)

        await asyncio.wait_for(server.gone.wait(), 10)


async def test_an_answer_counts_although_its_body_never_comes() -> None:
    async with Server((head(500), Then.HANG)) as server:
        assert await sender(patience=5).send(server.url, HEADERS, BODY) == SendAnswer(500)


async def test_a_redirect_to_somewhere_else_is_not_followed() -> None:
    async with Server(plain(200, "")) as elsewhere, Server(plain(307, "", location=elsewhere.url)) as server:
        assert await sender().send(server.url, HEADERS, BODY) == SendAnswer(307)

        assert elsewhere.requests == []


async def test_only_what_is_meant_for_the_receiver_is_sent() -> None:
    async with Server(plain(200, "")) as server:
        await sender().send(f"{server.url}/hook?workspace=1", {**HEADERS, "User-Agent": "Flightdeck"}, BODY)

    (request,) = server.requests
    assert request.path == "/hook?workspace=1"
    assert request.headers["user-agent"] == "Flightdeck"
    assert request.headers["content-type"] == "application/json"
    assert not request.headers.keys() & {"cookie", "authorization", "referer"}


async def test_each_sending_has_a_connection_of_its_own() -> None:
    async with Server((b"HTTP/1.1 204 No Content\r\n\r\n",)) as server:
        using = sender()
        for _ in range(2):
            await using.send(server.url, HEADERS, BODY)

    assert [request.connection for request in server.requests] == [1, 2]


@pytest.mark.parametrize("value", ["soon", "-5", "1.5", "", "9" * 30, "٣", f"Sat, 1 Jan {'9' * 20} 00:00:00"])
async def test_a_wait_that_cannot_be_read_is_none(value: str) -> None:
    raw = f"HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\n\r\n".encode()
    async with Server((raw,)) as server:
        assert await sender().send(server.url, HEADERS, BODY) == SendAnswer(503)


async def test_a_wait_until_a_date_is_told_as_its_length() -> None:
    at = MemoryClock().now() + timedelta(minutes=5)
    async with Server(plain(503, "", retry_after=format_datetime(at, usegmt=True))) as server:
        answer = await sender().send(server.url, HEADERS, BODY)
    async with Server(plain(503, "", retry_after="Wed, 21 Oct 2015 07:28:00 GMT")) as server:
        past = await sender().send(server.url, HEADERS, BODY)

    assert (answer.retry_after, past.retry_after) == (timedelta(minutes=5), timedelta(0))


async def test_an_address_of_ours_is_refused_before_anything_is_sent() -> None:
    async with Server(plain(200, "")) as server:
        assert await fault(server.url, allow_private=False) is SendFault.ADDRESS_REFUSED
        assert await fault(server.url.replace("127.0.0.1", "localhost"), allow_private=False) is (
            SendFault.ADDRESS_REFUSED
        )

    assert server.requests == []


@pytest.mark.parametrize(
    "url", ["https://bridge.invalid/", "https://[::1/", "https://a..b/", f"https://{'a' * 70}.example/"]
)
async def test_what_is_nowhere_is_no_crash(url: str) -> None:
    assert await fault(url) in {SendFault.CANNOT_CONNECT, SendFault.BAD_ANSWER, SendFault.TIMEOUT}  # of the resolver
