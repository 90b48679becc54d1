import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpcore2
import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typing_extensions import override

from adapters.httpx2.guard import Address, AddressRefused, GuardedTransport, resolved
from adapters.httpx2.webhook_sender import HttpxWebhookSender
from adapters.memory.clock import MemoryClock
from application.ports.webhook_sender import SendAnswer, Undeliverable
from domain.webhooks import SendFault
from tests.wire.server import Server, plain, refusing

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Names:
    """A resolver that gives its answers in order, the last one again and again; `asked` is what it was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = [[ip_address(address) for address in answer.split()] for answer in answers]
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[Address]:
        self.asked.append(host)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


class Net(httpcore2.AsyncMockBackend):
    """A network on which everybody but `silent` answers 200; `reached` are the hosts connected to."""

    def __init__(self, silent: Iterable[str] = ()) -> None:
        super().__init__([ANSWER])
        self._silent = set(silent)
        self.reached: list[str] = []

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.reached.append(host)
        if host in self._silent:
            raise httpcore2.ConnectTimeout
        return await super().connect_tcp(host, port, timeout, local_address, socket_options)


def client(transport: GuardedTransport) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=transport, trust_env=False)


@pytest.mark.parametrize(
    "answer",
    [
        "127.0.0.1",
        "10.0.0.7",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "1.1.1.1 10.0.0.7",
        "2606:4700:4700::1111 ::1",
        "1.1.1.1 8.8.8.8 ::ffff:192.168.0.1",
    ],
)
async def test_a_name_with_any_address_that_is_not_public_is_refused_and_nothing_is_connected_to(answer: str) -> None:
    net = Net()
    async with client(GuardedTransport(resolve=Names(answer), network=net)) as http:
        with pytest.raises(AddressRefused):
            await http.get("http://bridge.example/")

    assert net.reached == []


@pytest.mark.parametrize("port", [22, 25, 1023])
async def test_a_port_that_no_web_server_has_is_refused_and_nothing_is_asked(port: int) -> None:
    net, names = Net(), Names("1.1.1.1")
    async with client(GuardedTransport(resolve=names, network=net)) as http:
        with pytest.raises(AddressRefused):
            await http.get(f"http://bridge.example:{port}/")

    assert (names.asked, net.reached) == ([], [])


async def test_where_private_addresses_are_allowed_all_ports_are() -> None:
    net = Net()
    async with client(GuardedTransport(allow_private=True, resolve=Names("1.1.1.1"), network=net)) as http:
        assert (await http.get("http://bridge.example:81/")).status_code == 200


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111"])
async def test_connected_to_is_the_address_that_was_checked(address: str) -> None:
    net, names = Net(), Names(address, "127.0.0.1")
    async with client(GuardedTransport(resolve=names, network=net)) as http:
        assert (await http.get("http://bridge.example:8080/")).status_code == 200

    assert (names.asked, net.reached) == (["bridge.example"], [address])


async def test_a_name_that_moves_to_a_private_address_is_refused_from_then_on() -> None:
    net, names = Net(), Names("1.1.1.1", "127.0.0.1")
    async with client(GuardedTransport(resolve=names, network=net)) as http:
        await http.get("http://bridge.example/")
        with pytest.raises(AddressRefused):
            await http.get("http://bridge.example/")

    assert net.reached == ["1.1.1.1"]


async def test_a_redirect_is_checked_as_any_other_request() -> None:
    net, names = Net(), Names("1.1.1.1", "10.0.0.1")
    net._buffer = [b"HTTP/1.1 302 Found\r\nLocation: http://inside.example/\r\nContent-Length: 0\r\n\r\n"]  # pyright: ignore[reportPrivateUsage]
    async with client(GuardedTransport(resolve=names, network=net)) as http:
        with pytest.raises(AddressRefused):
            await http.get("http://bridge.example/", follow_redirects=True)

    assert net.reached == ["1.1.1.1"]


async def test_when_one_address_does_not_answer_the_next_is_tried() -> None:
    net = Net(silent=["1.1.1.1", "1.0.0.1"])
    async with client(GuardedTransport(resolve=Names("1.1.1.1 1.0.0.1 8.8.8.8"), network=net)) as http:
        assert (await http.get("http://bridge.example/")).status_code == 200

    assert net.reached == ["1.1.1.1", "1.0.0.1", "8.8.8.8"]


async def test_of_very_many_addresses_only_some_are_tried() -> None:
    many = [f"8.8.8.{number}" for number in range(1, 50)]
    net = Net(silent=many)
    async with client(GuardedTransport(resolve=Names(" ".join(many)), network=net)) as http:
        with pytest.raises(httpx2.ConnectTimeout):
            await http.get("http://bridge.example/")

    assert net.reached == many[:4]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_whatever_the_system_reads_as_this_machine_is_refused(host: str) -> None:
    async with Server(plain(200, "")) as server, client(GuardedTransport()) as http:
        with pytest.raises(AddressRefused):
            await http.get(server.url.replace("127.0.0.1", host))

    assert server.requests == []


async def test_names_are_resolved_in_threads_of_their_own() -> None:
    go, every_default_thread = threading.Event(), 32
    others = [asyncio.get_running_loop().run_in_executor(None, go.wait) for _ in range(every_default_thread)]
    try:
        async with asyncio.timeout(10):
            assert list(await resolved("127.0.0.1", 443)) == [ip_address("127.0.0.1")]
    finally:
        go.set()
        await asyncio.gather(*others)


async def test_private_addresses_are_reached_where_that_is_allowed_and_told_their_name() -> None:
    names = Names("127.0.0.1")
    transport = GuardedTransport(allow_private=True, resolve=names)
    async with Server(plain(200, {})) as server, client(transport) as http:
        port = server.url.rpartition(":")[2]
        assert (await http.post(f"http://bridge.example:{port}/", json={})).status_code == 200

    assert server.requests[0].headers["host"] == f"bridge.example:{port}"


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, await refusing())
    sender = HttpxWebhookSender(MemoryClock(), lambda: GuardedTransport(allow_private=True))
    async with Server(plain(200, "")) as server:
        assert await sender.send(server.url, {"Content-Type": "application/json"}, b"{}") == SendAnswer(200)


class Authority:
    """Whoever trusts `trusting` trusts a server of `serving`, which notes the names it was asked for."""

    def __init__(self, folder: Path, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, SHA256())
        ).public_bytes(Encoding.PEM)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "both.pem").write_bytes(private + certificate)
        self.trusting = ssl.create_default_context(cadata=certificate.decode())
        self.serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.serving.load_cert_chain(folder / "both.pem")
        self.serving.sni_callback = lambda _socket, asked, _context: self.asked.append(asked)
        self.asked: list[str | None] = []


@asynccontextmanager
async def tls_server(authority: Authority) -> AsyncGenerator[int]:
    """The port of a server that answers each request 200."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=authority.serving)
    async with server:
        yield server.sockets[0].getsockname()[1]


def tls_sender(trusting: ssl.SSLContext | None, patience: float = 10) -> HttpxWebhookSender:
    def transport() -> GuardedTransport:
        return GuardedTransport(allow_private=True, resolve=Names("127.0.0.1"), tls=trusting)

    return HttpxWebhookSender(MemoryClock(), transport, patience)


async def test_a_certificate_is_verified_for_the_name_although_an_address_is_connected_to(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "bridge.example")
    async with tls_server(authority) as port:
        answer = await tls_sender(authority.trusting).send(f"https://bridge.example:{port}/", {}, b"{}")

    assert answer == SendAnswer(200)
    assert authority.asked == ["bridge.example"]


@pytest.mark.parametrize(("host", "trusted"), [("other.example", True), ("127.0.0.1", True), ("bridge.example", False)])
async def test_a_certificate_for_another_name_or_of_nobody_we_know_is_refused(
    tmp_path: Path, host: str, *, trusted: bool
) -> None:
    authority = Authority(tmp_path, "bridge.example")
    async with tls_server(authority) as port:
        with pytest.raises(Undeliverable) as raised:
            await tls_sender(authority.trusting if trusted else None).send(f"https://{host}:{port}/", {}, b"{}")

    assert raised.value.code is SendFault.TLS


@asynccontextmanager
async def greeting(words: bytes) -> AsyncGenerator[int]:
    """The port of a server that says these words to whoever comes, and waits until they leave."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_without_tls_is_no_https_server() -> None:
    async with greeting(ANSWER) as port:
        with pytest.raises(Undeliverable) as raised:
            await tls_sender(None).send(f"https://bridge.example:{port}/", {}, b"{}")

    assert raised.value.code is SendFault.TLS


async def test_a_handshake_that_does_not_come_to_an_end_is_left() -> None:
    async with greeting(b"") as port:
        with pytest.raises(Undeliverable) as raised:
            await tls_sender(None, patience=0.1).send(f"https://bridge.example:{port}/", {}, b"{}")

    assert raised.value.code is SendFault.TIMEOUT
