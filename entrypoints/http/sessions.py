"""What a user does about their own sign-in: sessions, password, second factor."""

from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from application.identity.change_password import ChangePassword
from application.identity.second_factor import (
    BeginSecondFactor,
    BegunSecondFactor,
    ConfirmSecondFactor,
    Proof,
    RecoveryCodes,
    RemoveSecondFactor,
    ReplaceRecoveryCodes,
)
from application.identity.sessions import EndSession, ListSessions, SignOut, SignOutEverywhere
from application.ports.sign_in import SessionView
from domain.access import Caller, Permission
from domain.ids import CredentialId
from domain.pages import Page
from entrypoints.http.changes import Body
from entrypoints.http.edge.opts import NOT_IDEMPOTENT
from entrypoints.http.edge.requests import Request
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit

READ = {"permission": Permission.ACCOUNT_READ}
WRITE = {"permission": Permission.ACCOUNT_WRITE}
ONCE = {**WRITE, NOT_IDEMPOTENT: True}
_LONGEST_CLIENT = 200


class PasswordChange(Body, frozen=True):
    """Your password now, null while you have none, and the one you want."""

    current: str | None
    new: str


class CodeBody(Body, frozen=True):
    """A code of your app."""

    code: str


class ProofBody(Body, frozen=True):
    """What shows that it is you: your password, or a code of your app or a recovery code."""

    password: str | None = None
    code: str | None = None


def provide_client(request: Request) -> str:
    """The program that makes the request, as it calls itself; the dependency `client` of handlers."""
    named = request.headers.get("user-agent", "")
    return "".join(character for character in named if character.isprintable())[:_LONGEST_CLIENT].strip()


@post("/auth/logout", status_code=204, opt=ONCE)
async def post_logout(caller: NamedDependency[Caller], sign_out: NamedDependency[SignOut]) -> None:
    """Sign out here."""
    await sign_out(caller)


@post("/auth/logout-all", status_code=204, opt=ONCE)
async def post_logout_all(
    caller: NamedDependency[Caller], sign_out_everywhere: NamedDependency[SignOutEverywhere]
) -> None:
    """Sign out everywhere, here too."""
    await sign_out_everywhere(caller)


@get("/auth/sessions", opt=READ)
async def get_sessions(
    caller: NamedDependency[Caller],
    list_sessions: NamedDependency[ListSessions],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[SessionView]:
    """Where you are signed in, newest first."""
    return await list_sessions(caller, cursor, limit)


@delete("/auth/sessions/{session_id:uuid}", opt=WRITE)
async def delete_session(
    caller: NamedDependency[Caller], session_id: FromPath[UUID], end_session: NamedDependency[EndSession]
) -> None:
    """Sign out there, at once."""
    await end_session(caller, CredentialId(session_id))


@post("/auth/password/change", status_code=204, opt=ONCE)
async def post_password_change(
    caller: NamedDependency[Caller],
    data: JSONBody[PasswordChange],
    change_password: NamedDependency[ChangePassword],
) -> None:
    """Choose another password, or your first one; you are signed out everywhere else."""
    await change_password(caller, data.current, data.new)


@post("/auth/totp", status_code=200, opt=ONCE)
async def post_totp(
    caller: NamedDependency[Caller], begin_second_factor: NamedDependency[BeginSecondFactor]
) -> BegunSecondFactor:
    """Begin a second factor: give the secret to your app, and confirm with its first code."""
    return await begin_second_factor(caller)


@post("/auth/totp/confirm", status_code=200, opt=ONCE)
async def post_totp_confirm(
    caller: NamedDependency[Caller],
    data: JSONBody[CodeBody],
    confirm_second_factor: NamedDependency[ConfirmSecondFactor],
) -> RecoveryCodes:
    """Be asked for a code from now on; keep the recovery codes, which are shown this once."""
    return await confirm_second_factor(caller, data.code)


@delete("/auth/totp", opt=WRITE)
async def delete_totp(
    caller: NamedDependency[Caller],
    data: JSONBody[ProofBody],
    remove_second_factor: NamedDependency[RemoveSecondFactor],
) -> None:
    """Be asked for your password alone."""
    await remove_second_factor(caller, Proof(password=data.password, code=data.code))


@post("/auth/totp/recovery-codes", status_code=200, opt=ONCE)
async def post_totp_recovery_codes(
    caller: NamedDependency[Caller],
    data: JSONBody[ProofBody],
    replace_recovery_codes: NamedDependency[ReplaceRecoveryCodes],
) -> RecoveryCodes:
    """New recovery codes; the former ones open nothing any more."""
    return await replace_recovery_codes(caller, Proof(password=data.password, code=data.code))


ROUTES = (
    post_logout,
    post_logout_all,
    get_sessions,
    delete_session,
    post_password_change,
    post_totp,
    post_totp_confirm,
    delete_totp,
    post_totp_recovery_codes,
)
