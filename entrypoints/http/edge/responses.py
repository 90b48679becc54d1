from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import msgspec
from litestar import Request, Response
from litestar.response.base import ASGIResponse
from typing_extensions import override

_CREATED = 201
_OK = 200
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Rendered:
    """A view as it goes over the wire."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes a view into headers and bytes, always the same: an answer and its replay are both made here.

    `paths` tells the path of a view by its type: the `Location` when it was created.
    """

    paths: Mapping[type, Callable[[Any], str]] = field(default_factory=dict[type, Callable[[Any], str]])

    def __call__(self, view: object, status: int) -> Rendered:
        """JSON with its `Content-Type`, an `ETag` for what has a `version`, a `Location` with 201; None is empty."""
        if view is None:
            return Rendered({}, b"")
        headers = {"Content-Type": "application/json"}
        version = getattr(view, "version", None)
        if isinstance(version, int):
            headers["ETag"] = f'"{version}"'
        path = self.paths.get(type(view))
        if path is not None and status == _CREATED:
            headers["Location"] = path(view)
        return Rendered(headers, msgspec.json.encode(view, enc_hook=_plain))


class ViewResponse(Response[Any]):
    """Answers a view; a GET whose `If-None-Match` names its ETag is answered 304. Text and bytes go as they are."""

    renderer: ClassVar[Renderer] = Renderer()

    @override
    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **given: Any) -> ASGIResponse:
        if not isinstance(self.content, str | bytes):
            status = self.status_code or given.get("status_code") or _OK
            rendered = self.renderer(self.content, status)
            self.headers = {**self.headers, **rendered.headers}
            self.content = rendered.body
            if request.method == "GET" and status == _OK and is_known(request, rendered.headers.get("ETag")):
                self.status_code, self.content = _NOT_MODIFIED, b""
                self.headers.pop("Content-Type")
        return super().to_asgi_response(app, request, **given)  # pyright: ignore[reportUnknownMemberType]


def response_class(renderer: Renderer) -> type[ViewResponse]:
    """The response class of an application that renders so."""
    return type("ViewResponse", (ViewResponse,), {"renderer": renderer})


def is_known(request: Request[Any, Any, Any], etag: str | None) -> bool:
    """Whether `If-None-Match` names the ETag, compared weakly (RFC 9110, section 13.1.2)."""
    asked = request.headers.get("if-none-match")
    if asked is None or etag is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    return "*" in tags or etag in tags


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    if isinstance(value, Sequence):
        return list(cast("Sequence[object]", value))
    raise NotImplementedError(f"A view holds a {type(value).__name__}, which is no JSON.")
