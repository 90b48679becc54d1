"""What happened in a workspace as a file, sent while it is read: neither grows with the other."""

import csv
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import StringIO
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from application.activity.export_activity import ExportActivity
from application.ports.audit import AuditedEvent, AuditFilter
from domain.access import Caller, Permission
from domain.errors import Fault, Invalid
from domain.ids import WorkspaceId
from entrypoints.http.edge.responses import Renderer

_json = Renderer()
_COLUMNS = (
    "id",
    "at",
    "type",
    "actor_type",
    "actor_id",
    "actor_name",
    "subject_type",
    "subject_id",
    "causation_id",
    "data",
    "seal",
)


class AuditFormat(StrEnum):
    """As what the activity is exported: a JSON object on each line, or a table (RFC 4180) with a line of names."""

    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class _Written:
    media_type: str
    head: bytes
    write: Callable[[Iterable[AuditedEvent]], bytes]


Since = Annotated[datetime | None, QueryParameter(description="Events from this moment on, with its offset.")]
Until = Annotated[datetime | None, QueryParameter(description="Events before this moment, with its offset.")]


@dataclass
class ExportOperation(Operation):
    """Describes an answer in either format."""

    def __post_init__(self) -> None:
        text = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        content = {"application/jsonl": text, "text/csv": text}
        told = (
            "The events in order; `seal` is the number of the seal over each, once it has one. In a table, a text that "
            "a spreadsheet would take for a formula has an apostrophe before it."
        )
        self.responses = {**(self.responses or {}), "200": OpenAPIResponse(description=told, content=content)}


@get(
    "/workspaces/{workspace_id:uuid}/activity/export",
    operation_class=ExportOperation,
    opt={"permission": Permission.AUDIT_READ},
)
async def get_activity_export(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    export_activity: NamedDependency[ExportActivity],
    format: FromQuery[AuditFormat] = AuditFormat.JSONL,  # noqa: A002 (the parameter's public name)
    event_type: Annotated[
        str | None, QueryParameter(name="type", max_length=100, description="A type, or its noun: `key`.")
    ] = None,
    since: Since = None,
    until: Until = None,
) -> Stream:
    """What happened in the workspace, as a file to keep elsewhere.

    Of what a member does with their memories and their companion, which nobody else is told, another is given the type
    and the time alone: actor and subject have the id of nobody, and `data` is empty.
    """
    only = AuditFilter(type=event_type, since=_moment("since", since), until=_moment("until", until))
    pieces = await export_activity(caller, WorkspaceId(workspace_id), only)
    written = _FORMATS[format]
    name = f"activity-{workspace_id}.{format}"
    return Stream(
        _bytes(pieces, written),
        media_type=written.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _moment(name: str, given: datetime | None) -> datetime | None:
    if given is not None and given.tzinfo is None:
        raise Invalid(Fault(f"/{name}", "invalid", f"{name} takes a time with its offset, as 2026-09-01T00:00:00Z."))
    return given


async def _bytes(
    pieces: AsyncGenerator[Sequence[AuditedEvent], None], written: _Written
) -> AsyncGenerator[bytes, None]:
    if written.head:
        yield written.head
    async with aclosing(pieces):
        async for piece in pieces:
            yield written.write(piece)


def _lines(events: Iterable[AuditedEvent]) -> bytes:
    return b"".join(map(_line, events))


def _line(found: AuditedEvent) -> bytes:
    return b'%b,"seal":%b}\n' % (_json(found.event, 200).body[:-1], json.dumps(found.seal).encode())


def _table(events: Iterable[AuditedEvent]) -> bytes:
    written = StringIO()
    csv.writer(written).writerows(map(_cells, events))
    return written.getvalue().encode()


def _cells(found: AuditedEvent) -> Sequence[object]:
    event, actor, subject = found.event, found.event.actor, found.event.subject
    at = event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    data = _json(event.data, 200).body.decode()
    texts = (event.type, actor.type, actor.id, actor.name, subject.type, subject.id, event.causation_id or "", data)
    return [event.id, at, *(harmless(str(text)) for text in texts), "" if found.seal is None else found.seal]


def harmless(text: str) -> str:
    """The text as a spreadsheet shows it and never computes it ("CSV Injection", OWASP)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


_FORMATS = {
    AuditFormat.JSONL: _Written("application/jsonl", b"", _lines),
    AuditFormat.CSV: _Written("text/csv", f"{','.join(_COLUMNS)}\r\n".encode(), _table),
}

ROUTES = (get_activity_export,)
