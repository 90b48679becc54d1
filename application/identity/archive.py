"""Archives, written while they are sent: none is ever in memory as a whole."""

import io
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ARCHIVE_TYPE = "application/zip"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of an archive."""

    name: str
    chunks: AsyncGenerator[bytes, None]


async def archived(parts: AsyncGenerator[Part, None], at: datetime) -> AsyncGenerator[bytes, None]:
    """The ZIP archive of these files, which are all of the moment `at`; each is read when its turn has come."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        async with aclosing(parts):
            async for part in parts:
                entry = ZipInfo(part.name, at.timetuple()[:6])
                entry.compress_type = ZIP_DEFLATED
                # How long it gets is not known when it begins: it may be any length.
                with archive.open(entry, "w", force_zip64=True) as file:
                    async with aclosing(part.chunks):
                        async for chunk in part.chunks:
                            file.write(chunk)
                            if written := sink.take():
                                yield written
    yield sink.take()


class _Sink(io.RawIOBase):
    """Holds what was written until it is taken; nobody can go back in it, and `ZipFile` writes accordingly."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def write(self, data: object, /) -> int:
        piece = memoryview(data)  # type: ignore[arg-type]
        self._written += piece
        return len(piece)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken
