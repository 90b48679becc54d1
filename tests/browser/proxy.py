"""A line to a server that can be cut."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class Line:
    """Loopback connections, carried to the server at `target` and back."""

    target: tuple[str, int]
    up: bool = True
    url: str = ""
    writers: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    def cut(self) -> None:
        """Ends all connections, and each new one at once, until it is mended."""
        self.up = False
        for writer in self.writers:
            writer.transport.abort()

    def mend(self) -> None:
        self.up = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to its end."""
        if not self.up:
            writer.transport.abort()
            return
        back, out = await asyncio.open_connection(*self.target)
        self.writers |= {writer, out}
        await asyncio.gather(_copied(reader, out), _copied(back, writer))
        self.writers -= {writer, out}


@asynccontextmanager
async def line_to(base_url: str) -> AsyncGenerator[Line]:
    """A line to this server; `url` is its near end."""
    address = urlsplit(base_url)
    line = Line((address.hostname or "", address.port or 80))
    async with await asyncio.start_server(line.carry, "127.0.0.1", 0) as server:
        line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield line
        line.cut()


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
