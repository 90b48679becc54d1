"""What the pages load: the files of `entrypoints/web/assets`, under an address that changes with any of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from domain.errors import NotFound
from entrypoints import web
from entrypoints.http.edge.opts import ANONYMOUS, UNLIMITED
from entrypoints.http.edge.responses import is_known

OPEN = {"permission": "anyone", ANONYMOUS: True, UNLIMITED: True}
FOLDER = Path(web.__path__[0])
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    text: str
    media_type: str
    etag: str

    def response(self, request: Request[Any, Any, Any], cache_control: str, **headers: str) -> Response[str]:
        """The file, or 304 for whoever has it."""
        told = {"Cache-Control": cache_control, "ETag": self.etag, **headers}
        if is_known(request, self.etag):
            return Response("", status_code=304, headers=told)
        return Response(self.text, media_type=self.media_type, headers=told)


def read_asset(file: Path) -> Asset:
    """The file as an asset."""
    text = file.read_text(encoding="utf-8")
    return Asset(text, _MEDIA_TYPES[file.suffix], f'"{sha256(text.encode()).hexdigest()[:16]}"')


def _read() -> Mapping[str, Asset]:
    folder = FOLDER / "assets"
    files = sorted(file for file in folder.rglob("*") if file.suffix in _MEDIA_TYPES)
    return {file.relative_to(folder).as_posix(): read_asset(file) for file in files}


ASSETS = _read()
RELEASE = sha256(repr([(name, asset.etag) for name, asset in ASSETS.items()]).encode()).hexdigest()[:12]
"""Names these files: modules import each other relatively, so that a page never mixes those of two releases."""


def page(name: str) -> str:
    """The HTML file of this name, with the address of its assets filled in."""
    return (FOLDER / name).read_text(encoding="utf-8").replace("{assets}", f"/assets/{RELEASE}")


@get("/assets/{release:str}/{asset:path}", opt=OPEN, include_in_schema=False)
async def get_asset(request: Request[Any, Any, Any], release: FromPath[str], asset: FromPath[str]) -> Response[str]:
    """A file; of another release, as while servers are exchanged, the one that is here, not to be kept."""
    found = ASSETS.get(asset.removeprefix("/"))
    if found is None:
        raise NotFound
    return found.response(request, _FOR_EVER if release == RELEASE else "no-store")


ROUTES = (get_asset,)
