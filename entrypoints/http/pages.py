"""The pages of `entrypoints/web`, and what they load."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get

from entrypoints import web
from entrypoints.http.edge.opts import ANONYMOUS, UNLIMITED

OPEN = {"permission": "anyone", ANONYMOUS: True, UNLIMITED: True}
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
VERSION = version("flightdeck")
_FOLDER = Path(web.__path__[0])
_FRONT_PAGE = (_FOLDER / "front_page.html").read_text(encoding="utf-8").replace("{version}", VERSION)
_STYLE = (_FOLDER / "flightdeck.css").read_text(encoding="utf-8")


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


@get("/assets/flightdeck.css", opt=OPEN, include_in_schema=False)
async def get_style() -> Response[str]:
    """How the pages look."""
    return Response(_STYLE, media_type=MediaType.CSS, headers={"Cache-Control": "public, max-age=300"})


ROUTES = (get_front_page, get_style)
