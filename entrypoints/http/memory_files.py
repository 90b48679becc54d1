"""Memories as a file, with one of them on each line."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import UNSET, Meta, UnsetType

from application.memories.export_memories import ExportMemories
from application.memories.import_memories import ImportMemories
from application.memories.memory_files import (
    MOST_BYTES,
    MOST_LINES,
    CollectionName,
    ExportedMemory,
    ImportedLine,
    ImportedMemories,
    LineFault,
)
from domain.access import Caller
from domain.errors import Fault, Invalid
from domain.ids import WorkspaceId
from domain.memories import CollectionKind, MemoryChanges
from entrypoints.http.changes import Body, given
from entrypoints.http.edge.faults import fault_of
from entrypoints.http.edge.problems import Refused
from entrypoints.http.memories import READ, WRITE, NewMemory

JSONL = "application/jsonl"
TYPES = (JSONL, "application/x-ndjson")
_LINES = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, description="A JSON object on each line."))
_APART = frozenset({"id", "created_at", "superseded_by", "collections"})
_FIELDS = ("id", "content", "tier", "tags", "metadata", "shared", "pinned", "created_at")


class CollectionLine(Body, frozen=True):
    """A collection that a memory is in; it is found, or made, by its name."""

    name: str
    kind: CollectionKind = CollectionKind.FREE
    position: Annotated[int, Meta(ge=0)] | None = None


class MemoryLine(NewMemory, frozen=True, kw_only=True):
    """A memory on a line of a file, and since when there is one.

    `id` is what other lines of the file call it, and `superseded_by` which of them says what is true now instead.
    """

    created_at: datetime | UnsetType = UNSET
    id: UUID | None = None
    superseded_by: UUID | None = None
    collections: Sequence[CollectionLine] = ()


@dataclass
class ImportOperation(Operation):
    """Describes a body that is a file."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content=dict.fromkeys(TYPES, _LINES), required=True)


@dataclass
class ExportOperation(Operation):
    """Describes an answer that is a file."""

    def __post_init__(self) -> None:
        found = OpenAPIResponse(description="A memory on each line, oldest first.", content={JSONL: _LINES})
        self.responses = {**(self.responses or {}), "200": found}


@post(
    "/workspaces/{workspace_id:uuid}/memories/import",
    status_code=200,
    request_max_body_size=MOST_BYTES,
    operation_class=ImportOperation,
    opt=WRITE,
)
async def post_memories_import(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    import_memories: NamedDependency[ImportMemories],
) -> ImportedMemories:
    """Remember what a file holds, up to 5 MB and 5,000 lines: a JSON object on each, as an export has it.

    Lines that cannot be taken are named with what is wrong, and the others are taken nevertheless; those that you
    remember already are skipped, so that a mended file can be sent as a whole again. Lines may have an `id`, a
    `superseded_by` (of another line) and `collections` ({kind, name, position}), which are made where you have none of
    the name.
    """
    if request.content_type[0] not in TYPES:
        raise Refused(415, f"Send the body as {JSONL}.")
    return await import_memories(caller, WorkspaceId(workspace_id), list(_read(await request.body())))


@get("/workspaces/{workspace_id:uuid}/memories/export", operation_class=ExportOperation, opt=READ)
async def get_memories_export(
    caller: NamedDependency[Caller], workspace_id: FromPath[UUID], export_memories: NamedDependency[ExportMemories]
) -> Stream:
    """Your memories in the workspace as a file, to be imported elsewhere, with what supersedes them and collections."""
    pieces = await export_memories(caller, WorkspaceId(workspace_id))
    name = f"memories-{workspace_id}.jsonl"
    return Stream(
        _written(pieces),
        media_type=JSONL,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _read(body: bytes) -> Iterator[ImportedLine | LineFault]:
    """What each line says; empty ones say nothing.

    Raises:
        Invalid: there are too many lines.
    """
    lines = body.split(b"\n")
    if len(lines) > MOST_LINES + 1:
        raise Invalid(Fault("", "too_many", f"A file may have {MOST_LINES} lines. Send it in parts."))
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _line(number, line)


def _line(number: int, line: bytes) -> ImportedLine | LineFault:
    try:
        found = msgspec.json.decode(line, type=MemoryLine)
    except msgspec.ValidationError as error:
        return LineFault.of(number, fault_of(str(error), of=MemoryLine))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return LineFault(line=number, pointer="", code="bad_json", detail="The line is no JSON object.")
    fields = {name: value for name, value in given(found).items() if name not in _APART}
    at = None if found.created_at is UNSET else found.created_at
    if at is not None and at.tzinfo is None:
        detail = "Write a time with its offset, as 2026-09-01T00:00:00Z."
        return LineFault(line=number, pointer="/created_at", code="invalid", detail=detail)
    return ImportedLine(
        number=number,
        fields=cast("MemoryChanges", fields),
        created_at=at,
        id=found.id,
        superseded_by=found.superseded_by,
        collections=[CollectionName(each.kind, each.name, each.position) for each in found.collections],
    )


async def _written(pieces: AsyncGenerator[Sequence[ExportedMemory], None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        async for piece in pieces:
            yield b"".join(map(_exported, piece))


def _exported(each: ExportedMemory) -> bytes:
    """The line, with a link and collections where there are some."""
    line: dict[str, object] = {name: getattr(each.memory, name) for name in _FIELDS}
    if each.memory.superseded_by is not None:
        line["superseded_by"] = each.memory.superseded_by
    if each.collections:
        line["collections"] = each.collections
    return msgspec.json.encode(line) + b"\n"


ROUTES = (post_memories_import, get_memories_export)
