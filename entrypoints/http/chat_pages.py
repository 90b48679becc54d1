"""The chat as a page, and the script that puts it on any other page."""

from collections.abc import Mapping
from html import escape
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from application.ports.workspaces import ChatPageView
from application.workspaces.read_chat_page import ReadChatPage
from domain.errors import DomainError
from entrypoints.http.assets import ASK_AGAIN, FOLDER, page, read_asset
from entrypoints.http.edge.opts import ANONYMOUS
from entrypoints.http.edge.problems import headers_of, problem_of

ANYONE = {"permission": "anyone", ANONYMOUS: True}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors "
)
_PAGE = page("chat.html")
_ERROR_PAGE = page("error.html")
_EMBED = read_asset(FOLDER / "embed.js")
_SENTENCES: Mapping[int, tuple[str, str]] = {
    404: ("There is no chat here", "The address may be mistyped, or the chat is closed."),
    429: ("One moment, please", "You have asked for many pages in a short time. Try again in a minute."),
    503: ("We will be right back", "The chat cannot be reached at the moment. Try again in a minute."),
}


def error_page(request: Request[Any, Any, Any], error: DomainError) -> Response[str]:
    """What a person is shown in place of a page."""
    status = problem_of(error, request.scope).status
    title, sentence = _SENTENCES.get(status, _SENTENCES[503])
    text = _filled(_ERROR_PAGE, title=title, sentence=sentence)
    headers = {**headers_of(error, status), **_page_headers("'none'")}
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


@get("/chat/{handle:str}", opt=ANYONE, include_in_schema=False, exception_handlers={DomainError: error_page})
async def get_chat_page(handle: FromPath[str], read_chat_page: NamedDependency[ReadChatPage]) -> Response[str]:
    """The chat of an active workspace."""
    view = await read_chat_page(handle)
    text = _filled(_PAGE, handle=view.handle, name=view.public_name, language=view.language)
    return Response(text, media_type=MediaType.HTML, headers=_page_headers(_framed_by(view)))


@get("/chat/{handle:str}/embed.js", opt=ANYONE, include_in_schema=False)
async def get_embed_script(
    request: Request[Any, Any, Any], handle: FromPath[str], read_chat_page: NamedDependency[ReadChatPage]
) -> Response[str]:
    """The script; it knows the chat by the address it was loaded from."""
    await read_chat_page(handle)
    # Pages that isolate themselves (Cross-Origin-Embedder-Policy) load only what allows it.
    return _EMBED.response(request, ASK_AGAIN, **{"Cross-Origin-Resource-Policy": "cross-origin"})


def _framed_by(view: ChatPageView) -> str:
    return " ".join(["'self'", *view.embed_origins]) if view.embed_origins else "*"


def _page_headers(framed_by: str) -> dict[str, str]:
    return {"Content-Security-Policy": _POLICY + framed_by, "Cache-Control": "no-store"}


def _filled(text: str, **values: str) -> str:
    return text.format_map({name: escape(value) for name, value in values.items()})


ROUTES = (get_chat_page, get_embed_script)
