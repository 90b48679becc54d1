import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from redis.exceptions import RedisError

_LOG = logging.getLogger(__name__)
_DEADLINE = 0.5  # seconds to connect; with the longest pause after it, those cut off are told once a second
_SILENCE = 1.0  # seconds without a message before the server is asked whether it lives
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5)


class Subscriber(Protocol):
    """Whoever gets a channel's messages; called in the event loop, and not to wait."""

    def received(self, message: bytes) -> None:
        """A message, in the order they were published."""
        ...

    def missed(self) -> None:
        """The connection is back; messages may have been lost up to now, and from now on none is."""
        ...

    def cut_off(self) -> None:
        """The connection is lost; called at once and then every second until it is back."""
        ...


@dataclass(slots=True, eq=False)
class _Channel:
    """What we want of a channel (`subscribers`), what the server was told (`joined`), and what it has not answered."""

    subscribers: set[Subscriber] = field(default_factory=set[Subscriber])
    joined: bool = False
    unanswered: int = 0
    late: bool = False
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)

    def forget(self) -> None:
        self.joined, self.unanswered, self.late = False, 0, True
        self.confirmed.clear()


class Subscriptions:
    """All subscriptions of one process over one connection, which is made again, with all of them, when it breaks.

    A server that does not answer for two seconds counts as gone. A subscription costs a set entry, no task.
    `connect` makes a connection of redis-py that is not open yet.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._channels: dict[bytes, _Channel] = {}
        self._changed: set[bytes] = set()
        self._change = asyncio.Event()
        self._tried = asyncio.Event()
        self._told_at = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self._connected = False

    @property
    def connected(self) -> bool:
        """Whether messages come in, as far as we know."""
        return self._connected

    async def start(self) -> None:
        """Connects; returns after the first try, whether it succeeded or not."""
        self._task = asyncio.create_task(self._run(), name="redis subscriptions")
        await self._tried.wait()

    async def close(self) -> None:
        """Ends the connection; subscribers hear nothing more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @asynccontextmanager
    async def subscribed(self, channel: str, subscriber: Subscriber) -> AsyncGenerator[None, None]:
        """Within the block `subscriber` gets the channel's messages, the first one after entering included.

        While the connection is lost, or slow for a second, it is entered all the same: `missed` follows when the
        subscription holds.
        """
        name = channel.encode()
        self._join(name, subscriber)
        try:
            await self._confirmed(self._channels[name])
            yield
        finally:
            self._leave(name, subscriber)

    def subscribers(self, channel: str) -> tuple[Subscriber, ...]:
        """Those of this process."""
        found = self._channels.get(channel.encode())
        return tuple(found.subscribers) if found else ()

    def _join(self, name: bytes, subscriber: Subscriber) -> None:
        channel = self._channels.setdefault(name, _Channel(late=not self._connected))
        channel.subscribers.add(subscriber)
        if not channel.joined:
            self._tell_server(name)

    def _leave(self, name: bytes, subscriber: Subscriber) -> None:
        channel = self._channels[name]
        channel.subscribers.discard(subscriber)
        if not channel.subscribers:
            self._tell_server(name)

    def _tell_server(self, name: bytes) -> None:
        self._changed.add(name)
        self._change.set()

    async def _confirmed(self, channel: _Channel) -> None:
        if not self._connected or channel.confirmed.is_set():
            return
        try:
            async with asyncio.timeout(_SILENCE):
                await channel.confirmed.wait()
        except TimeoutError:
            channel.late = True

    async def _run(self) -> None:
        failures = 0
        while True:
            connection = self._connect()
            try:
                async with asyncio.timeout(_DEADLINE):
                    await connection.connect()
                failures = 0
                await self._serve(connection)
            except Exception as error:  # noqa: BLE001 (whatever it is: without this loop the process hears nothing)
                self._lost(error)
            finally:
                self._connected = False
                with suppress(RedisError, OSError):
                    await connection.disconnect(nowait=True)
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1

    async def _serve(self, connection: Any) -> None:
        _LOG.log(logging.INFO if self._tried.is_set() else logging.DEBUG, "Redis is connected.")
        self._connected = True
        self._told_at = float("-inf")
        self._changed.update(self._channels)
        self._change.set()
        self._tried.set()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._read(connection))
                both.create_task(self._write(connection))
        except ExceptionGroup as broken:
            raise broken.exceptions[0] from None

    def _lost(self, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        if self._connected or not self._tried.is_set():
            _LOG.warning("Redis is not reachable (%s); trying again.", type(error).__name__)
        self._connected = False
        self._tried.set()
        for name, channel in tuple(self._channels.items()):
            channel.forget()
            if not channel.subscribers:
                del self._channels[name]
        if now - self._told_at < _SILENCE - _PAUSES[-1]:
            return
        self._told_at = now
        for channel in self._channels.values():
            for subscriber in tuple(channel.subscribers):
                subscriber.cut_off()

    async def _read(self, connection: Any) -> None:
        asked = False
        while True:
            reply: list[bytes] | None = await connection.read_response(timeout=_SILENCE, disconnect_on_error=False)
            if reply is not None:
                asked = False
                self._answered(reply)
            elif asked:
                raise TimeoutError
            else:
                asked = True
                async with asyncio.timeout(_SILENCE):
                    await connection.send_command("PING")

    def _answered(self, reply: list[bytes]) -> None:
        channel = self._channels.get(reply[1])
        if channel is None:
            return
        if reply[0] == b"message":
            for subscriber in tuple(channel.subscribers):
                subscriber.received(reply[2])
        elif reply[0] == b"subscribe":
            self._joined(reply[1], channel)

    def _joined(self, name: bytes, channel: _Channel) -> None:
        channel.unanswered -= 1
        if channel.unanswered:
            return
        if not channel.joined:
            self._tell_server(name)
            return
        channel.confirmed.set()
        if channel.late:
            channel.late = False
            for subscriber in tuple(channel.subscribers):
                subscriber.missed()

    async def _write(self, connection: Any) -> None:
        while True:
            await self._change.wait()
            self._change.clear()
            join, leave = self._differences()
            if leave:
                await connection.send_command("UNSUBSCRIBE", *leave)
            if join:
                await connection.send_command("SUBSCRIBE", *join)

    def _differences(self) -> tuple[list[bytes], list[bytes]]:
        join: list[bytes] = []
        leave: list[bytes] = []
        for name in self._changed:
            channel = self._channels.get(name)
            if channel is None:
                continue
            if channel.subscribers and not channel.joined:
                channel.joined = True
                channel.unanswered += 1
                join.append(name)
            elif not channel.subscribers:
                if channel.joined:
                    leave.append(name)
                channel.joined = False
                channel.confirmed.clear()
                if not channel.unanswered:
                    del self._channels[name]
        self._changed.clear()
        return join, leave
