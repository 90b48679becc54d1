"""The front page."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from litestar import MediaType, Request, Response, get

from entrypoints.http.assets import OPEN, page

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
VERSION = version("flightdeck")
_FRONT_PAGE = page("front_page.html").replace("{version}", VERSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where to go from here."""

    name: str = "Flightdeck"
    version: str = VERSION
    docs: str = "/api/v1/docs"
    openapi: str = "/api/v1/openapi.json"
    health: str = "/api/v1/health"


@get("/", opt=OPEN, include_in_schema=False)
async def get_front_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """A page of links for people, the same as JSON for programs."""
    if request.accept.best_match(["application/json", "text/html"], default="application/json") == "text/html":
        return Response(_FRONT_PAGE, media_type=MediaType.HTML, headers={"Content-Security-Policy": POLICY})
    return Response(Links())


ROUTES = (get_front_page,)
