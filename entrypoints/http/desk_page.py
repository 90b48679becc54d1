"""The desk as a page; whoever has it sees nothing until they sign in, in the browser, with a token of the API."""

from litestar import Response, get
from litestar.di import NamedDependency

from entrypoints.http.account_pages import SignInOffer
from entrypoints.http.assets import OPEN, page

_PAGE = page("desk.html")


@get("/desk", opt=OPEN, include_in_schema=False)
async def get_desk_page(sign_in_offer: NamedDependency[SignInOffer]) -> Response[str]:
    """Where the people of a business work."""
    return sign_in_offer.page(_PAGE)


ROUTES = (get_desk_page,)
