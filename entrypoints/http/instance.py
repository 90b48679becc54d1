from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from application.instance.administer import SetUserActive, SetWorkspaceSuspended
from application.instance.lists import ListAllWorkspaces, ListDeadJobs, ListUsers
from application.instance.read_activity import ReadInstanceActivity
from application.ports.activity import ActivityFilter, ActivityView
from application.ports.instance_views import DeadJobView, InstanceUserView, InstanceWorkspaceView
from domain.access import Caller, Permission
from domain.ids import UserId, WorkspaceId
from domain.pages import Page
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


class UserState(msgspec.Struct, frozen=True):
    """Since when a user is kept out; null when they may sign in."""

    id: UUID
    deactivated_at: datetime | None


class WorkspaceState(msgspec.Struct, frozen=True):
    """Since when a workspace can only be read; null when it goes on."""

    id: UUID
    suspended_at: datetime | None


@get("/instance/users", opt={"permission": Permission.INSTANCE_READ})
async def get_instance_users(
    caller: NamedDependency[Caller],
    list_users: NamedDependency[ListUsers],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[InstanceUserView]:
    """Everybody on this instance, newest first; that you looked is noted."""
    return await list_users(caller, cursor, limit)


@get("/instance/workspaces", opt={"permission": Permission.INSTANCE_READ})
async def get_instance_workspaces(
    caller: NamedDependency[Caller],
    list_all_workspaces: NamedDependency[ListAllWorkspaces],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[InstanceWorkspaceView]:
    """All workspaces, newest first, without what is in them; that you looked is noted."""
    return await list_all_workspaces(caller, cursor, limit)


@get("/instance/dead-jobs", opt={"permission": Permission.INSTANCE_READ})
async def get_instance_dead_jobs(
    caller: NamedDependency[Caller],
    list_dead_jobs: NamedDependency[ListDeadJobs],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[DeadJobView]:
    """The jobs that died in any workspace, newest first; that you looked is noted."""
    return await list_dead_jobs(caller, cursor, limit)


@get("/instance/activity", opt={"permission": Permission.INSTANCE_READ})
async def get_instance_activity(
    caller: NamedDependency[Caller],
    read_instance_activity: NamedDependency[ReadInstanceActivity],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
    type: FromQuery[str | None] = None,  # noqa: A002 (the parameter's name in the contract)
) -> Page[ActivityView]:
    """What administrators did and looked at, newest first."""
    return await read_instance_activity(caller, ActivityFilter(type=type), cursor, limit)


@post("/instance/users/{user_id:uuid}/deactivate", status_code=200, opt={"permission": Permission.INSTANCE_WRITE})
async def post_user_deactivate(
    caller: NamedDependency[Caller], user_id: FromPath[UUID], set_user_active: NamedDependency[SetUserActive]
) -> UserState:
    """Keep a user out, whatever they sign in with."""
    user = await set_user_active(caller, UserId(user_id), active=False)
    return UserState(user.id, user.deactivated_at)


@post("/instance/users/{user_id:uuid}/activate", status_code=200, opt={"permission": Permission.INSTANCE_WRITE})
async def post_user_activate(
    caller: NamedDependency[Caller], user_id: FromPath[UUID], set_user_active: NamedDependency[SetUserActive]
) -> UserState:
    """Let a user in again."""
    user = await set_user_active(caller, UserId(user_id), active=True)
    return UserState(user.id, user.deactivated_at)


@post("/instance/workspaces/{tenant_id:uuid}/suspend", status_code=200, opt={"permission": Permission.INSTANCE_WRITE})
async def post_workspace_suspend(
    caller: NamedDependency[Caller],
    tenant_id: FromPath[UUID],
    set_workspace_suspended: NamedDependency[SetWorkspaceSuspended],
) -> WorkspaceState:
    """Stop a workspace: its members can only read it, and it talks to nobody."""
    workspace = await set_workspace_suspended(caller, WorkspaceId(tenant_id), suspended=True)
    return WorkspaceState(workspace.id, workspace.suspended_at)


@post("/instance/workspaces/{tenant_id:uuid}/restore", status_code=200, opt={"permission": Permission.INSTANCE_WRITE})
async def post_workspace_restore(
    caller: NamedDependency[Caller],
    tenant_id: FromPath[UUID],
    set_workspace_suspended: NamedDependency[SetWorkspaceSuspended],
) -> WorkspaceState:
    """Let a suspended workspace go on."""
    workspace = await set_workspace_suspended(caller, WorkspaceId(tenant_id), suspended=False)
    return WorkspaceState(workspace.id, workspace.suspended_at)


ROUTES = (
    get_instance_users,
    get_instance_workspaces,
    get_instance_dead_jobs,
    get_instance_activity,
    post_user_deactivate,
    post_user_activate,
    post_workspace_suspend,
    post_workspace_restore,
)
