"""A conversation as a file, sent while it is read: neither grows with the other."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from application.conversations.export_conversation import ConversationExport, ExportConversation
from application.ports.conversation_lists import ConversationView
from application.ports.conversations import MessageView, RunView
from domain.access import Caller
from domain.conversations import Usage
from domain.conversations.export import markdown_exchange, markdown_head
from domain.ids import ConversationId
from entrypoints.http.conversations import READ
from entrypoints.http.edge.responses import Renderer

_json = Renderer()


class ExportFormat(StrEnum):
    """As what a conversation is exported."""

    JSON = "json"
    MARKDOWN = "markdown"


_TYPES = {ExportFormat.JSON: ("application/json", "json"), ExportFormat.MARKDOWN: ("text/markdown", "md")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedConversation:
    """A conversation with all that was said and done in it.

    Attributes:
        messages: in the order of reading: what was said, and behind it its reply.
        runs: in their order.
        usage: of all runs.
    """

    exported_at: datetime
    conversation: ConversationView
    messages: Sequence[MessageView]
    runs: Sequence[RunView]
    usage: Usage


@dataclass
class ExportOperation(Operation):
    """Describes an answer that is Markdown when that is asked for."""

    def __post_init__(self) -> None:
        page = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, description="A page to read."))
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            answer.content["text/markdown"] = page


@get(
    "/conversations/{conversation_id:uuid}/export",
    responses={200: ResponseSpec(ExportedConversation, generate_examples=False, description="The file.")},
    operation_class=ExportOperation,
    opt=READ,
)
async def get_conversation_export(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    export_conversation: NamedDependency[ExportConversation],
    format: FromQuery[ExportFormat] = ExportFormat.JSON,  # noqa: A002 (the parameter's public name)
) -> Stream:
    """The conversation with all that was said and done in it, as a file."""
    export = await export_conversation(caller, ConversationId(conversation_id))
    media_type, suffix = _TYPES[format]
    name = f"conversation-{conversation_id}.{suffix}"
    return Stream(
        _markdown(export) if format is ExportFormat.MARKDOWN else _as_json(export),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _markdown(export: ConversationExport) -> AsyncGenerator[bytes, None]:
    head = export.head
    yield markdown_head(head.conversation, head.business_name, head.timezone, export.at).encode()
    async with aclosing(export.exchanges()) as exchanges:
        async for exchange in exchanges:
            yield markdown_exchange(exchange, head.conversation, head.timezone).encode()


async def _as_json(export: ConversationExport) -> AsyncGenerator[bytes, None]:
    yield b'{"exported_at":%b,"conversation":%b,"messages":[' % (_bytes(export.at), _bytes(export.view))
    separator = b""
    async with aclosing(export.exchanges()) as exchanges:
        async for exchange in exchanges:
            for message in (exchange.message, exchange.reply):
                if message is not None:
                    yield separator + _bytes(MessageView.of(message))
                    separator = b","
    yield b'],"runs":['
    separator, usage = b"", None
    async with aclosing(export.exchanges()) as exchanges:
        async for exchange in exchanges:
            if exchange.run is not None:
                yield separator + _bytes(RunView.of(exchange.run))
                separator, usage = b",", _sum(usage, exchange.run.usage)
    yield b'],"usage":%b}\n' % _bytes(usage or Usage())


def _sum(total: Usage | None, more: Usage | None) -> Usage | None:
    return total.plus(more) if total and more else total or more


def _bytes(value: object) -> bytes:
    return _json(value, 200).body


ROUTES = (get_conversation_export,)
