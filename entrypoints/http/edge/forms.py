"""Forms with files (RFC 7578), read as they arrive: of a file no more than a piece is ever in memory."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile

from litestar.exceptions import InternalServerException
from multipart import MultipartError, MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]

from domain.errors import Fault, Invalid
from entrypoints.http.edge.faults import pointer
from entrypoints.http.edge.problems import Refused
from entrypoints.http.edge.requests import Request

MULTIPART = "multipart/form-data"
FORM_SECONDS = 300.0
"""How long a form may take to arrive: 20 MB over a slow line."""
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024
_MOST_PARTS = 20
_MOST_FIELD_BYTES = 16 * 1024
_BAD_FORM = "The body is no form as its content type says."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form."""

    name: str
    media_type: str
    file: "SpooledTemporaryFile[bytes]"

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Its bytes, from the beginning."""
        await asyncio.to_thread(self.file.seek, 0)
        while chunk := await asyncio.to_thread(self.file.read, _IN_MEMORY):
            yield chunk


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent: texts and files, each by its name."""

    fields: Mapping[str, str]
    files: Mapping[str, Upload]


@asynccontextmanager
async def form_of(request: Request) -> AsyncGenerator[Form, None]:
    """The form that the body is; its files are there as long as the block lasts.

    Raises:
        Refused: it is no form, does not arrive in time, is too large, or the client went away.
        Invalid: a part has no name, one name is there twice, or a text is too long.
    """
    parts = _Parts()
    try:
        try:
            async with asyncio.timeout(FORM_SECONDS):
                await _read(request, parts)
        except TimeoutError as error:
            raise Refused(408) from error
        except InternalServerException as error:
            raise Refused(400, "The connection ended before the body did.") from error
        except (MultipartError, UnicodeDecodeError) as error:
            raise Refused(400, _BAD_FORM) from error
        yield Form(parts.fields, parts.files)
    finally:
        for upload in parts.files.values():
            upload.file.close()


async def _read(request: Request, parts: "_Parts") -> None:
    boundary = request.content_type[1].get("boundary", "")
    with PushMultipartParser(boundary, max_segment_count=_MOST_PARTS, header_charset="utf-8") as parser:
        async for chunk in request.stream():
            # A body that was read before comes as one.
            for start in range(0, len(chunk), _PIECE):
                for event in parser.parse(chunk[start : start + _PIECE]):
                    await parts.take(event)


@dataclass(slots=True)
class _Parts:
    """What has come so far; `_part` is what the bytes that come belong to."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    files: dict[str, Upload] = field(default_factory=dict[str, Upload])
    _part: "Upload | _Text | None" = None

    async def take(self, event: "MultipartSegment | bytes | bytearray | None") -> None:
        if isinstance(event, MultipartSegment):
            self._part = self._begun(event)
        elif isinstance(self._part, Upload) and event is not None:
            await _write(self._part, event)
        elif isinstance(self._part, _Text):
            self._part.data += event or b""
            self._part.check()
            if event is None:
                self.fields[self._part.name] = self._part.data.decode()

    def _begun(self, segment: MultipartSegment) -> "Upload | _Text":
        name = segment.name
        if not name:
            raise Invalid(Fault("", "invalid", "Each part of a form has a name."))
        if name in self.fields or name in self.files:
            raise Invalid(Fault(pointer(name), "repeated", f"'{name}' is there more than once."))
        if segment.filename is None:
            return _Text(name)
        file = SpooledTemporaryFile[bytes](_IN_MEMORY)
        self.files[name] = Upload(segment.filename, segment.content_type or "application/octet-stream", file)
        return self.files[name]


@dataclass(slots=True)
class _Text:
    name: str
    data: bytearray = field(default_factory=bytearray)

    def check(self) -> None:
        if len(self.data) > _MOST_FIELD_BYTES:
            raise Invalid(Fault(pointer(self.name), "too_long", f"'{self.name}' is too long for a field of a form."))


async def _write(upload: Upload, data: "bytes | bytearray") -> None:
    """In a thread once the file lies on a disk, which may be slow."""
    if upload.file.tell() + len(data) <= _IN_MEMORY:
        upload.file.write(data)
    else:
        await asyncio.to_thread(upload.file.write, data)
