"""Documents: sent as text, as a file or as the address of a page, processed by a job, found by what they say."""

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated, Any, cast
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream
from msgspec import UNSET, UnsetType

from application.documents.add_document import (
    AddDocument,
    AddDocumentCommand,
    AddedDocument,
    NamedPage,
    SentFile,
    WrittenText,
)
from application.documents.documents import EditDocument, ListDocuments, ReadDocument, ReindexDocument, RemoveDocument
from application.documents.read_content import ContentForm, ReadContent
from application.ports.documents import DocumentFilters, DocumentView
from domain.access import Caller, Permission
from domain.errors import Fault, Invalid
from domain.ids import DocumentId, WorkspaceId
from domain.knowledge import FILE_BYTES, TEXT_LENGTH, TITLE_LENGTH, DocumentKind, DocumentStatus
from domain.pages import Page
from entrypoints.http.changes import Body, given
from entrypoints.http.edge import requests
from entrypoints.http.edge.forms import MULTIPART, Form, form_of
from entrypoints.http.edge.responses import ViewResponse
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit

MOST_BYTES = FILE_BYTES + 1024 * 1024
"""Of the body of a request that brings a document: a file and what a form puts around it."""
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w.-]+=[\w.+-]+)*", re.ASCII)
_TITLE = Schema(type=OpenAPIType.STRING, min_length=1, max_length=TITLE_LENGTH)
_KIND = Schema(type=OpenAPIType.STRING, enum=[kind.value for kind in DocumentKind])
_LANGUAGE = Schema(type=OpenAPIType.STRING, description="A BCP 47 tag; the workspace's language when it is absent.")
_TEXT = Schema(type=OpenAPIType.STRING, description="Markdown or plain.", min_length=1, max_length=TEXT_LENGTH)
_SOURCE_URI = Schema(
    type=OpenAPIType.STRING,
    description="What you call the text, so that another text of that name takes its place.",
    min_length=1,
    max_length=255,
)
_URL = Schema(type=OpenAPIType.STRING, description="Of a page, which a job fetches.", max_length=2_000)
_FILE = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
_DESCRIBING = {"kind": _KIND, "language": _LANGUAGE}
_WRITTEN = Schema(
    type=OpenAPIType.OBJECT,
    required=["title", "text"],
    properties={"title": _TITLE, "text": _TEXT, "source_uri": _SOURCE_URI, **_DESCRIBING},
)
_NAMED = Schema(type=OpenAPIType.OBJECT, required=["url"], properties={"url": _URL, "title": _TITLE, **_DESCRIBING})
_SENT = Schema(type=OpenAPIType.OBJECT, required=["file"], properties={"file": _FILE, "title": _TITLE, **_DESCRIBING})


@dataclass
class DocumentOperation(Operation):
    """Describes a body that is JSON or a form with a file."""

    def __post_init__(self) -> None:
        content = {
            "application/json": OpenAPIMediaType(schema=Schema(one_of=[_WRITTEN, _NAMED])),
            MULTIPART: OpenAPIMediaType(schema=_SENT),
        }
        self.request_body = RequestBody(content=content, required=True)


class DocumentPatch(Body, frozen=True):
    """The fields to change; absent ones stay, a language of null is the workspace's."""

    title: str | UnsetType = UNSET
    kind: DocumentKind | UnsetType = UNSET
    language: str | UnsetType | None = UNSET


class DocumentBody(Body, frozen=True):
    """A text with its title, or the address of a page."""

    title: str | None = None
    text: str | None = None
    source_uri: str | None = None
    url: str | None = None
    kind: DocumentKind | None = None
    language: str | None = None


@post(
    "/workspaces/{workspace_id:uuid}/documents",
    status_code=202,
    request_max_body_size=MOST_BYTES,
    operation_class=DocumentOperation,
    responses={200: ResponseSpec(AddedDocument, generate_examples=False, description="It is there, and the same.")},
    opt={"permission": Permission.DOCUMENT_WRITE},
)
async def post_document(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    add_document: NamedDependency[AddDocument],
) -> Response[AddedDocument]:
    """Add a document: `{title, text}`, `{url}`, or a form with a `file`: PDF, DOCX, HTML, Markdown or text, to 20 MB.

    What was added from the same place before (a page's address, a file's name, a text's `source_uri`) is replaced, and
    the answer says so; until the job is done it is found by what it said. The same content again, also of a file or
    text that came from elsewhere, is answered 200 with the document there is, and changes nothing. A text without a
    `source_uri` never takes the place of another; sent again with another title, it bears that one.
    """
    async with AsyncExitStack() as stack:
        command = await _command(cast("requests.Request", request), WorkspaceId(workspace_id), caller, stack)
        added = await add_document(caller, command)
    respond = cast("type[ViewResponse]", request.app.response_class)
    return respond(added, status_code=202 if added.job else 200)


@get("/workspaces/{workspace_id:uuid}/documents", opt={"permission": Permission.DOCUMENT_READ})
async def get_documents(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_documents: NamedDependency[ListDocuments],
    status: FromQuery[DocumentStatus | None] = None,
    kind: FromQuery[DocumentKind | None] = None,
    q: Annotated[
        str | None, QueryParameter(max_length=200, description="In the title, or in where it is from.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[DocumentView]:
    """The workspace's documents, newest first; its knowledge base is one of them."""
    filters = DocumentFilters(status=status, kind=kind, q=q or None)
    return await list_documents(caller, WorkspaceId(workspace_id), filters, cursor, limit)


@get("/documents/{document_id:uuid}", opt={"permission": Permission.DOCUMENT_READ})
async def get_document(
    caller: NamedDependency[Caller], document_id: FromPath[UUID], read_document: NamedDependency[ReadDocument]
) -> DocumentView:
    """A document, without its content; `reason` says why it failed."""
    return await read_document(caller, DocumentId(document_id))


@patch("/documents/{document_id:uuid}", opt={"permission": Permission.DOCUMENT_WRITE})
async def patch_document(
    caller: NamedDependency[Caller],
    document_id: FromPath[UUID],
    data: JSONBody[DocumentPatch],
    expected_version: NamedDependency[int | None],
    edit_document: NamedDependency[EditDocument],
) -> DocumentView:
    """Change how a document is described; a job processes it again, as its title and its language are searched."""
    return await edit_document(caller, DocumentId(document_id), given(data), expected_version)


@get(
    "/documents/{document_id:uuid}/content",
    responses={200: ResponseSpec(bytes, media_type="*/*", generate_examples=False, description="The content.")},
    opt={"permission": Permission.DOCUMENT_READ},
)
async def get_document_content(
    caller: NamedDependency[Caller],
    document_id: FromPath[UUID],
    read_content: NamedDependency[ReadContent],
    form: Annotated[
        ContentForm,
        QueryParameter(name="as", description="As it was added, or the text that passages are pieces of."),
    ] = ContentForm.ORIGINAL,
) -> Stream:
    """What a document holds, as a file to be saved."""
    content = await read_content(caller, DocumentId(document_id), form)
    known = _TYPE.fullmatch(content.media_type)
    headers = {
        # As a header: Litestar would call each text UTF-8.
        "Content-Type": content.media_type if known else "application/octet-stream",
        # A file of a stranger is nothing that a browser is to show as if it came from us.
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.name, safe='')}",
        "Content-Length": str(content.size),
    }
    return Stream(content.chunks, headers=headers)


@post("/documents/{document_id:uuid}/reindex", status_code=202, opt={"permission": Permission.DOCUMENT_WRITE})
async def post_document_reindex(
    caller: NamedDependency[Caller],
    document_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    reindex_document: NamedDependency[ReindexDocument],
) -> AddedDocument:
    """Process a document again: a page is fetched again, a file is read again."""
    return await reindex_document(caller, DocumentId(document_id), expected_version)


@delete("/documents/{document_id:uuid}", opt={"permission": Permission.DOCUMENT_WRITE})
async def delete_document(
    caller: NamedDependency[Caller],
    document_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    remove_document: NamedDependency[RemoveDocument],
) -> None:
    """Know a document no more; its files are gone, too."""
    await remove_document(caller, DocumentId(document_id), expected_version)


async def _command(
    request: requests.Request, workspace_id: WorkspaceId, caller: Caller, stack: AsyncExitStack
) -> AddDocumentCommand:
    """What is to be added; a file is there until the stack is closed.

    Raises:
        NotFound, Forbidden: the caller may not, for whom no file is read. Refused, Invalid: the body is no such thing.
    """
    caller.must(Permission.DOCUMENT_WRITE, workspace_id)
    if request.content_type[0] == MULTIPART:
        return _of_form(await stack.enter_async_context(form_of(request)), workspace_id)
    body: DocumentBody = await request.json_as(DocumentBody)
    if (body.text is None) == (body.url is None):
        raise Invalid(Fault("", "invalid", "Send either 'text' with its 'title', or the 'url' of a page."))
    if body.source_uri is not None and body.text is None:
        raise Invalid(Fault("/source_uri", "invalid", "'source_uri' goes with 'text'; of a page it is the 'url'."))
    source = WrittenText(body.text, body.source_uri) if body.text is not None else NamedPage(body.url or "")
    return AddDocumentCommand(
        workspace_id=workspace_id, source=source, title=body.title, kind=body.kind, language=body.language
    )


def _of_form(form: Form, workspace_id: WorkspaceId) -> AddDocumentCommand:
    for name in (*form.fields, *form.files):
        if name not in {"file", "title", "kind", "language"}:
            raise Invalid(Fault(f"/{name[:100]}", "unknown_field", f"'{name[:100]}' is not known here."))
    upload = form.files.get("file")
    if upload is None or len(form.files) > 1:
        raise Invalid(Fault("/file", "missing", "The form has one file, and calls it 'file'."))
    return AddDocumentCommand(
        workspace_id=workspace_id,
        source=SentFile(upload.name, upload.media_type, upload.chunks),
        title=form.fields.get("title"),
        kind=_kind(form.fields.get("kind")),
        language=form.fields.get("language"),
    )


def _kind(value: str | None) -> DocumentKind | None:
    try:
        return None if value is None else DocumentKind(value)
    except ValueError as error:
        known = ", ".join(f"'{kind}'" for kind in DocumentKind)
        raise Invalid(Fault("/kind", "invalid", f"'kind' is one of {known}.")) from error


ROUTES = (
    post_document,
    get_documents,
    get_document_content,
    get_document,
    patch_document,
    post_document_reindex,
    delete_document,
)
