"""The desk as a page; whoever has it sees nothing until they sign in, in the browser, with a token of the API."""

from litestar import MediaType, Response, get

from entrypoints.http.assets import OPEN, page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_PAGE = page("desk.html")


@get("/desk", opt=OPEN, include_in_schema=False)
async def get_desk_page() -> Response[str]:
    """Where the people of a business work."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return Response(_PAGE, media_type=MediaType.HTML, headers=headers)


ROUTES = (get_desk_page,)
