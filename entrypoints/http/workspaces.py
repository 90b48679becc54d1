from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from application.ports.members import JoinedWorkspaceView
from application.ports.workspaces import PublicWorkspaceView, WorkspaceView
from application.workspaces.create_workspace import CreateWorkspace
from application.workspaces.delete_workspace import DeleteWorkspace
from application.workspaces.edit_workspace import EditWorkspace
from application.workspaces.list_workspaces import ListWorkspaces
from application.workspaces.read_my_workspace import ReadMyWorkspace
from application.workspaces.read_public_workspace import ReadPublicWorkspace
from application.workspaces.read_workspace import ReadWorkspace
from domain.access import Caller, Permission
from domain.ids import WorkspaceId
from domain.pages import Page
from domain.workspaces import BusinessType, Tone
from entrypoints.http.changes import Body, given
from entrypoints.http.edge.opts import ANONYMOUS
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


class WorkspaceBody(Body, frozen=True):
    """A workspace's name; its handle is made of that unless it is given."""

    name: str
    handle: str | None = None


class AssistantPatch(Body, frozen=True):
    """How the assistant presents itself."""

    instructions: str | UnsetType | None = UNSET
    greeting: str | UnsetType | None = UNSET
    suggested_questions: list[str] | UnsetType | None = UNSET
    model: str | UnsetType | None = UNSET


class LimitsPatch(Body, frozen=True):
    """What the workspace's assistant may use; null lifts a limit."""

    tokens_per_day: int | UnsetType | None = UNSET
    tokens_per_conversation: int | UnsetType | None = UNSET
    tokens_per_visitor: int | UnsetType | None = UNSET


class RetentionPatch(Body, frozen=True):
    """How long conversations are kept, in days."""

    close_idle_days: int | UnsetType | None = UNSET
    erase_closed_days: int | UnsetType | None = UNSET


class SavingsPatch(Body, frozen=True):
    """How many minutes of people's time the assistant saves, 0 to 480; null restores a default."""

    minutes_per_answer: int | UnsetType | None = UNSET
    minutes_per_booking: int | UnsetType | None = UNSET


class WorkspacePatch(Body, frozen=True):
    """The fields to change; absent ones stay, null empties those that can be empty."""

    handle: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    business_type: BusinessType | UnsetType = UNSET
    tone: Tone | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    public_name: str | UnsetType | None = UNSET
    subtitle: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET
    embed_origins: list[str] | UnsetType | None = UNSET
    assistant: AssistantPatch | UnsetType = UNSET
    limits: LimitsPatch | UnsetType = UNSET
    retention: RetentionPatch | UnsetType = UNSET
    savings: SavingsPatch | UnsetType = UNSET
    knowledge_base: str | UnsetType | None = UNSET


@get("/workspaces/me", opt={"permission": Permission.ACCOUNT_READ})
async def get_my_workspace(
    caller: NamedDependency[Caller], read_my_workspace: NamedDependency[ReadMyWorkspace]
) -> WorkspaceView:
    """Your personal workspace; it is made when it is missing."""
    return await read_my_workspace(caller)


@get("/workspaces", opt={"permission": Permission.ACCOUNT_READ})
async def get_workspaces(
    caller: NamedDependency[Caller],
    list_workspaces: NamedDependency[ListWorkspaces],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[JoinedWorkspaceView]:
    """The workspaces you belong to, which you joined last first, with your role in each."""
    return await list_workspaces(caller, cursor, limit)


@post("/workspaces", opt={"permission": Permission.ACCOUNT_WRITE})
async def post_workspace(
    caller: NamedDependency[Caller],
    data: JSONBody[WorkspaceBody],
    create_workspace: NamedDependency[CreateWorkspace],
) -> WorkspaceView:
    """Make a workspace to share with others, which you own."""
    return await create_workspace(caller, data.name, data.handle)


@delete("/workspaces/{workspace_id:uuid}", opt={"permission": Permission.OWNERSHIP_WRITE})
async def delete_workspace_by_id(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    delete_workspace: NamedDependency[DeleteWorkspace],
    confirm: Annotated[str, QueryParameter(max_length=100, description="The handle of the workspace.")] = "",
) -> None:
    """Remove a shared workspace with all that is in it, for good; only its activity and jobs stay."""
    await delete_workspace(caller, WorkspaceId(workspace_id), confirm)


@get("/workspaces/{workspace_id:uuid}", opt={"permission": Permission.WORKSPACE_READ})
async def read_workspace_by_id(
    caller: NamedDependency[Caller], workspace_id: FromPath[UUID], read_workspace: NamedDependency[ReadWorkspace]
) -> WorkspaceView:
    """A workspace you belong to."""
    return await read_workspace(caller, WorkspaceId(workspace_id))


@patch("/workspaces/{workspace_id:uuid}", opt={"permission": Permission.WORKSPACE_WRITE})
async def patch_workspace(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[WorkspacePatch],
    expected_version: NamedDependency[int | None],
    edit_workspace: NamedDependency[EditWorkspace],
) -> WorkspaceView:
    """Change some fields; an edited knowledge base answers at once."""
    return await edit_workspace(caller, WorkspaceId(workspace_id), given(data), expected_version)


@get("/public/workspaces/{handle:str}", opt={"permission": "anyone", ANONYMOUS: True})
async def read_public_workspace_by_handle(
    handle: FromPath[str], read_public_workspace: NamedDependency[ReadPublicWorkspace]
) -> PublicWorkspaceView:
    """What visitors see of an active workspace."""
    return await read_public_workspace(handle)


ROUTES = (
    get_my_workspace,
    get_workspaces,
    post_workspace,
    read_workspace_by_id,
    patch_workspace,
    delete_workspace_by_id,
    read_public_workspace_by_handle,
)
