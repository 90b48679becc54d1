"""Signing up and in with a password, and getting back in without: nobody is known here yet."""

from typing import Any

from litestar import post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from application.identity.begin_sign_up import BeginSignUp, SignUpBegun, SignUpCommand
from application.identity.forgot_password import ForgotPassword
from application.identity.open_session import SignedIn
from application.identity.reset_password import ResetPassword, ResetPasswordCommand
from application.identity.sign_in import SignIn, SignInCommand
from application.identity.sign_up_invited import SignUpInvited
from application.identity.verify_email import VerifyEmail
from domain.errors import NotFound
from entrypoints.http.changes import Body
from entrypoints.http.edge.opts import ANONYMOUS, NOT_IDEMPOTENT, PUBLIC_WRITE

# Without idempotency keys: what they would keep holds tokens, and none of these does anything twice that matters.
ANYBODY = {"permission": "anyone", ANONYMOUS: True, PUBLIC_WRITE: True, NOT_IDEMPOTENT: True}
LARGEST_BODY = 16_384  # bytes: the longest password and name, as JSON may write them


class LocalSignInOff(NotFound):
    """AUTH_MODE does not name local."""

    code = "local_sign_in_off"
    detail = "Nobody signs in with a password here."


class SignUpBody(Body, frozen=True):
    """Who you are; `invite` is the token of an invite, which shows that the e-mail is yours."""

    email: str
    password: str
    name: str
    invite: str | None = None


class TokenBody(Body, frozen=True):
    """The token of the link you got."""

    token: str


class LoginBody(Body, frozen=True):
    """Who you say you are; `code` is that of your second factor, or a recovery code."""

    email: str
    password: str
    code: str | None = None


class ForgottenBody(Body, frozen=True):
    """Where the link goes."""

    email: str


class ResetBody(Body, frozen=True):
    """The token of the link you got, and your new password; `code` is as in a login."""

    token: str
    password: str
    code: str | None = None


def refuse_local_sign_in(_connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A guard of all these routes where users sign in elsewhere.

    Raises:
        LocalSignInOff: always.
    """
    raise LocalSignInOff


@post("/auth/signup", opt=ANYBODY)
async def post_sign_up(
    data: JSONBody[SignUpBody],
    address: NamedDependency[str | None],
    client: NamedDependency[str],
    begin_sign_up: NamedDependency[BeginSignUp],
    sign_up_invited: NamedDependency[SignUpInvited],
) -> SignUpBegun | SignedIn:
    """Sign up: open the link in the letter you get next. With an invite you are in at once, and accept it then."""
    command = SignUpCommand(email=data.email, password=data.password, name=data.name, address=address, client=client)
    return await (begin_sign_up(command) if data.invite is None else sign_up_invited(command, data.invite))


@post("/auth/email/verify", status_code=200, opt=ANYBODY)
async def post_email_verify(
    data: JSONBody[TokenBody],
    address: NamedDependency[str | None],
    client: NamedDependency[str],
    verify_email: NamedDependency[VerifyEmail],
) -> SignedIn:
    """Become a user by the link you got; it opens nothing a second time, and nothing after 48 hours."""
    return await verify_email(data.token, address, client)


@post("/auth/login", status_code=200, opt=ANYBODY)
async def post_login(
    data: JSONBody[LoginBody],
    address: NamedDependency[str | None],
    client: NamedDependency[str],
    sign_in: NamedDependency[SignIn],
) -> SignedIn:
    """Sign in; keep the token, which is shown this once."""
    command = SignInCommand(email=data.email, password=data.password, code=data.code, address=address, client=client)
    return await sign_in(command)


@post("/auth/password/forgot", status_code=202, opt=ANYBODY)
async def post_password_forgot(
    data: JSONBody[ForgottenBody],
    address: NamedDependency[str | None],
    forgot_password: NamedDependency[ForgotPassword],
) -> None:
    """Have a link sent that sets your password; the answer is the same whether the e-mail is a user's or not."""
    await forgot_password(data.email, address)


@post("/auth/password/reset", status_code=200, opt=ANYBODY)
async def post_password_reset(
    data: JSONBody[ResetBody],
    address: NamedDependency[str | None],
    client: NamedDependency[str],
    reset_password: NamedDependency[ResetPassword],
) -> SignedIn:
    """Set your password by the link you got; you are signed out everywhere else."""
    command = ResetPasswordCommand(
        secret=data.token, password=data.password, code=data.code, address=address, client=client
    )
    return await reset_password(command)


ROUTES = (post_sign_up, post_email_verify, post_login, post_password_forgot, post_password_reset)
