import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from entrypoints.supervisor.leash import Child, Leashed

_ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """How to run Valkey in `home/valkey`, with an append-only file, on a unix socket in `sockets` and no TCP port."""

    program: Path
    home: Path
    sockets: Path
    durable: bool = True

    @property
    def url(self) -> str:
        """For redis-py and whatever takes its addresses."""
        return f"unix://{self._socket}"

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.home / "logs" / "valkey.log"

    def server(self) -> Child:
        """The server; it goes to its own directory by itself, which must exist."""
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "600",
            "dir": str(self.home / "valkey"),
            "appendonly": "yes",
            "appendfsync": "everysec" if self.durable else "no",
            "save": "",
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return Child(
            name="valkey",
            command=(str(self.program), *options),
            env=_ENVIRONMENT,
            patience=10.0,
            log=self.log,
            cwd=Path("/"),
        )

    async def ready(self, _server: Leashed) -> bool:
        """Whether it answers, which it does once its file is loaded."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        try:
            writer.write(b"PING\r\n")
            return await reader.readline() == b"+PONG\r\n"
        finally:
            writer.close()

    @property
    def _socket(self) -> Path:
        return self.sockets / "valkey.sock"
