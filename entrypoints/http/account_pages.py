"""The pages on which people sign up and in, get back in, join a workspace, and look after their account.

A mailed link carries its token behind the #, which no browser sends: nothing here ever sees one.
"""

from dataclasses import dataclass
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency

from domain.identity import SignUp
from entrypoints.http.assets import OPEN, page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TITLES = {
    "/sign-in": "Sign in",
    "/sign-up": "Sign up",
    "/forgot-password": "Forgot your password?",
    "/reset-password": "Set a password",
    "/verify-email": "Confirm your e-mail",
    "/accept-invite": "An invitation",
}
_ACCOUNT = page("account.html")
_PROFILE = page("profile.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInOffer:
    """How people become and show who they are here: whether by a password of ours, and who may sign up with one."""

    password: bool
    sign_up: SignUp

    def page(self, text: str, **values: str) -> Response[str]:
        """The page of this text, which says so."""
        filled = text.format(password=str(self.password).lower(), sign_up=self.sign_up, **values)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return Response(filled, media_type=MediaType.HTML, headers=headers)


@get(list(_TITLES), opt=OPEN, include_in_schema=False)
async def get_account_page(
    request: Request[Any, Any, Any], sign_in_offer: NamedDependency[SignInOffer]
) -> Response[str]:
    """A page for somebody who is not signed in yet; its script reads the address."""
    return sign_in_offer.page(_ACCOUNT, title=_TITLES[request.scope["path"].rstrip("/")])


@get("/profile", opt=OPEN, include_in_schema=False)
async def get_profile_page(sign_in_offer: NamedDependency[SignInOffer]) -> Response[str]:
    """Where people look after their account; whoever has the page sees nothing of it until they sign in."""
    return sign_in_offer.page(_PROFILE)


ROUTES = (get_account_page, get_profile_page)
