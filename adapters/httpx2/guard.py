"""A transport to the public Internet, for addresses that others have named: it reaches nothing of ours."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, cast

import httpcore2
import httpx2
from typing_extensions import override

from domain.addresses import is_public, is_web_port

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""The addresses of a host's name, or of what reads as an address; raises OSError when there are none."""

_MOST_TRIED = 4


class AddressRefused(httpx2.ConnectError):
    """The host has an address that is not public, or the port is of no web server; nothing was connected to."""


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """Connects to hosts all of whose addresses are public, for each connection anew, and to others not at all.

    Of ports it connects to those of `is_web_port` only.

    A name is resolved once, and connected to is the very address that was checked, so that an answer which changes from
    one question to the next (DNS rebinding) gains nothing. Certificates are verified for the name, which is also what
    the server is told. Neither proxies nor certificates are taken from the environment. It holds no connection open
    for another request.

    Args:
        allow_private: whether it connects to any address and port: for tests, and for who hosts the receiver beside us.
        resolve, tls, network: what tests put in place of the system's.

    Raises:
        AddressRefused: from a request, which also fails as any other does.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        network: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        context = tls or _tls()
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context,
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=_GuardedBackend(resolve or resolved, network or _tcp(), allow_private=allow_private),
        )


class _GuardedBackend(httpcore2.AsyncNetworkBackend):
    def __init__(self, resolve: Resolve, network: httpcore2.AsyncNetworkBackend, *, allow_private: bool) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        self._network = network

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = (await self._checked(host, port))[:_MOST_TRIED]
        each = timeout / len(addresses) if timeout is not None else None
        *others, last = addresses
        for address in others:
            try:
                stream = await self._network.connect_tcp(str(address), port, each, local_address, socket_options)
                return _Closing(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return _Closing(await self._network.connect_tcp(str(last), port, each, local_address, socket_options))

    async def _checked(self, host: str, port: int) -> Sequence[Address]:
        if not self._allow_private and not is_web_port(port):
            raise AddressRefused(f"Port {port} is of no web server.")
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpx2.ConnectError(f"The name {host!r} has no address.") from error
        if not self._allow_private and not all(map(is_public, addresses)):
            raise AddressRefused(f"The host {host!r} is not on the public Internet.")
        return addresses


class _Closing(httpcore2.AsyncNetworkStream):
    """A stream that is closed, too, when its handshake is cancelled; AnyIO's stays open until it is collected."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream

    @override
    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._stream.aclose()
            raise

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


async def resolved(host: str, port: int) -> Sequence[Address]:
    """What the system's resolver says: from its files, its caches, and the DNS."""
    asked = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_resolvers(), asked)
    return [ip_address(address[0]) for _, _, _, _, address in found]


@cache
def _resolvers() -> ThreadPoolExecutor:
    """Threads of their own: whoever names a host can have its DNS never answer, and a thread that asks waits long."""
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


def _tcp() -> httpcore2.AsyncNetworkBackend:
    return cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())  # its stand-in without AnyIO has no base


@cache
def _tls() -> ssl.SSLContext:
    """Made once, as reading the authorities takes longer than a request."""
    return httpcore2.default_ssl_context()
