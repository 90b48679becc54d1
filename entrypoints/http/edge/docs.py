"""The API's description (OpenAPI 3.1) and a page to read it and try it with, which load nothing from elsewhere."""

from collections.abc import Collection, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from litestar import Litestar, Request, Response, get
from litestar.config.app import AppConfig
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.params import FromPath
from litestar.response import File

from domain.errors import NotFound
from entrypoints.http.edge.openapi import complete
from entrypoints.http.edge.openapi_headers import Traits
from entrypoints.http.edge.opts import ANONYMOUS, NOT_IDEMPOTENT, READS, UNLIMITED
from entrypoints.http.edge.responses import ViewResponse

_OPEN = {"permission": "anyone", ANONYMOUS: True, UNLIMITED: True}
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Flightdeck API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/v1/docs/assets/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/api/v1/docs/assets/swagger-ui-bundle.js"></script>
<script src="/api/v1/docs/start.js"></script>
</body>
</html>
"""
_SCRIPT = """\
SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""
_LOADED = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
# Swagger UI styles elements inline, and draws its icons from data: addresses.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def schema(app: Litestar, version: str) -> dict[str, Any]:
    """The description of the application's routes."""
    config = OpenAPIConfig(
        title="Flightdeck",
        version=version,
        description="A backend in which people and their agents talk, remember, plan work and make content.",
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, _method, _path: handler.handler_name,
    )
    plugin = cast("Any", app.plugins).get("OpenAPIPlugin")
    # Given to Litestar itself, the configuration would bring routes of its own; this way it only describes ours.
    plugin.on_app_init(AppConfig(openapi_config=config))
    return complete(plugin.provide_openapi().to_schema(), dict(_traits(app)))


def routes(version: str) -> Sequence[HTTPRouteHandler]:
    """`/api/v1/openapi.json`, `/api/v1/docs` and what the page loads."""
    made: dict[str, Any] = {}
    assets = _assets()

    @get("/api/v1/openapi.json", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
    def openapi_json(request: Request[Any, Any, Any]) -> dict[str, Any]:
        if not made:
            made.update(schema(request.app, version))
        return made

    @get("/api/v1/docs", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
    def docs_page() -> Response[str]:
        return Response(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _POLICY})

    @get("/api/v1/docs/start.js", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
    def docs_script() -> Response[str]:
        return Response(_SCRIPT, media_type="text/javascript")

    # Litestar's router for static files fails on names that no file can have, such as one of 3,000 characters.
    @get("/api/v1/docs/assets/{file_path:path}", include_in_schema=False, opt=_OPEN, sync_to_thread=False)
    def docs_asset(file_path: FromPath[str]) -> File:
        name = file_path.removeprefix("/")
        if name not in _LOADED:
            raise NotFound
        kept = {"Cache-Control": "public, max-age=86400"}
        return File(assets / name, media_type=_LOADED[name], content_disposition_type="inline", headers=kept)

    return [openapi_json, docs_page, docs_script, docs_asset]


def _assets() -> Path:
    """Where the package `swagger-ui-py` keeps Swagger UI; it is not imported, as it would bring a server of its own."""
    found = find_spec("swagger_ui")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("swagger-ui-py is not installed: run 'make setup'.")
    return Path(found.origin).parent / "static"


def _traits(app: Litestar) -> Iterator[tuple[str, Traits]]:
    located = cast("type[ViewResponse]", app.response_class).renderer.paths.keys()
    for route in app.routes:
        for handler in cast("Sequence[HTTPRouteHandler]", getattr(route, "route_handlers", ())):
            yield handler.handler_name, _traits_of(handler, located)


def _traits_of(handler: HTTPRouteHandler, located: Collection[type]) -> Traits:
    answered = handler.parsed_fn_signature.return_type
    return Traits(
        anonymous=bool(handler.opt.get(ANONYMOUS)),
        unlimited=bool(handler.opt.get(UNLIMITED)),
        reads=bool(handler.opt.get(READS)),
        idempotent="POST" in handler.http_methods and not handler.opt.get(NOT_IDEMPOTENT),
        located=any(shown.annotation in located for shown in (answered, *(answered.inner_types or ()))),
    )
