from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from application.identity.keys import IssuedKey, IssueKey, IssueKeyCommand, ListKeys, RevokeKey
from application.ports.identity_views import KeyView
from domain.access import Caller, Permission
from domain.ids import CredentialId, WorkspaceId
from domain.pages import Page
from entrypoints.http.changes import Body
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


class KeyBody(Body, frozen=True):
    """What the key is called, what it may (`<noun>:read`, `<noun>:write`), and until when."""

    name: str
    permissions: Sequence[Permission]
    expires_at: datetime | None = None


@get("/workspaces/{workspace_id:uuid}/api-keys", opt={"permission": Permission.KEY_READ})
async def get_api_keys(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_keys: NamedDependency[ListKeys],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[KeyView]:
    """The workspace's keys that open something, newest first."""
    return await list_keys(caller, WorkspaceId(workspace_id), cursor, limit)


@post("/workspaces/{workspace_id:uuid}/api-keys", opt={"permission": Permission.KEY_WRITE})
async def post_api_key(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[KeyBody],
    issue_key: NamedDependency[IssueKey],
) -> IssuedKey:
    """Make a key; its `token` is shown this once. It never opens more than you may do here yourself."""
    command = IssueKeyCommand(name=data.name, permissions=data.permissions, expires_at=data.expires_at)
    return await issue_key(caller, WorkspaceId(workspace_id), command)


@delete("/api-keys/{key_id:uuid}", opt={"permission": Permission.KEY_WRITE})
async def delete_api_key(
    caller: NamedDependency[Caller], key_id: FromPath[UUID], revoke_key: NamedDependency[RevokeKey]
) -> None:
    """Have a key open nothing any more, at once."""
    await revoke_key(caller, CredentialId(key_id))


ROUTES = (get_api_keys, post_api_key, delete_api_key)
