"""What is known of a user, for themselves; and the end of it."""

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery
from litestar.response import Stream

from application.identity.archive import ARCHIVE_TYPE
from application.identity.delete_user import DeleteUser
from application.identity.user_export import FetchExport, ReadExport, RequestExport, UserExportView
from application.ports.jobs import JobView
from domain.access import Caller, Permission


@post("/users/me/export", status_code=202, opt={"permission": Permission.ACCOUNT_WRITE})
async def post_user_export(caller: NamedDependency[Caller], request_export: NamedDependency[RequestExport]) -> JobView:
    """Have all that is known of you put into an archive; while that is being done, asking again changes nothing."""
    return await request_export(caller)


@get("/users/me/export", opt={"permission": Permission.ACCOUNT_READ})
async def get_user_export(caller: NamedDependency[Caller], read_export: NamedDependency[ReadExport]) -> UserExportView:
    """How far your newest export is."""
    return await read_export(caller)


@get(
    "/users/me/export/content",
    media_type=ARCHIVE_TYPE,
    responses={200: ResponseSpec(bytes, media_type=ARCHIVE_TYPE, generate_examples=False, description="The archive.")},
    opt={"permission": Permission.ACCOUNT_READ},
)
async def get_user_export_content(
    caller: NamedDependency[Caller], fetch_export: NamedDependency[FetchExport]
) -> Stream:
    """Your newest archive that is ready, for 7 days; 404 when there is none."""
    blob, chunks = await fetch_export(caller)
    headers = {
        "Content-Disposition": 'attachment; filename="flightdeck-export.zip"',
        "Content-Length": str(blob.size),
        "Cache-Control": "no-store",
    }
    return Stream(chunks, media_type=ARCHIVE_TYPE, headers=headers)


@delete("/users/me", opt={"permission": Permission.ACCOUNT_WRITE})
async def delete_me(
    caller: NamedDependency[Caller], delete_user: NamedDependency[DeleteUser], confirm: FromQuery[str] = ""
) -> None:
    """Go for good: `confirm` is your e-mail, or your name while you have none.

    Your personal workspace goes with you, and workspaces that nobody else belongs to; what you did elsewhere stays
    without your name. Where others need an owner, hand over first: 409 `last_owner` names those workspaces.
    """
    await delete_user(caller, confirm)


ROUTES = (get_user_export_content, post_user_export, get_user_export, delete_me)
