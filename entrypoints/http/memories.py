from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from application.memories.add_memory import AddMemory
from application.memories.change_memory import EditMemory, RemoveMemory, UndoMemory
from application.memories.read_memories import ListMemories, ReadHistory, ReadMemory
from application.memories.retention import EditMemoryRetention, MemoryRetentionView, ReadMemoryRetention
from application.ports.memories import MemoryVersionView, MemoryView
from domain.access import Caller, Permission
from domain.ids import MemoryId, WorkspaceId
from domain.memories import GoalStatus, TaskStatus, Tier
from domain.pages import Page
from entrypoints.http.changes import Body, given
from entrypoints.http.edge.responses import ViewResponse
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit

READ = {"permission": Permission.MEMORY_READ}
WRITE = {"permission": Permission.MEMORY_WRITE}


class EmotionPatch(Body, frozen=True):
    """What was felt: a word for it, how strongly (0 to 1), and about what."""

    label: str | UnsetType = UNSET
    intensity: float | UnsetType | None = UNSET
    about: str | UnsetType | None = UNSET


class GoalPatch(Body, frozen=True):
    """What somebody wants to reach, and by when."""

    title: str | UnsetType = UNSET
    status: GoalStatus | UnsetType = UNSET
    due: date | UnsetType | None = UNSET


class TaskPatch(Body, frozen=True):
    """What somebody wants done, and by when."""

    title: str | UnsetType = UNSET
    status: TaskStatus | UnsetType = UNSET
    due: date | UnsetType | None = UNSET


class MetadataPatch(Body, frozen=True):
    """What is known of a memory besides its words; a new block needs its label or title, null removes one."""

    emotion: EmotionPatch | UnsetType | None = UNSET
    goal: GoalPatch | UnsetType | None = UNSET
    task: TaskPatch | UnsetType | None = UNSET


class MemoryFacts(Body, frozen=True):
    """What can be said of a memory besides its words."""

    tier: Tier | UnsetType = UNSET
    tags: list[str] | UnsetType | None = UNSET
    metadata: MetadataPatch | UnsetType | None = UNSET
    shared: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET


class NewMemory(MemoryFacts, frozen=True, kw_only=True):
    """Something to remember, of the tier `personal` unless said otherwise."""

    content: str


class MemoryPatch(MemoryFacts, frozen=True):
    """The fields to change; absent ones stay, null empties those that can be empty."""

    content: str | UnsetType = UNSET


class MemoryRetentionBody(Body, frozen=True):
    """For how many days memories are kept from their creation; null is for ever, which a task's cannot be."""

    project_days: int | None
    task_days: int | None


@get("/workspaces/{workspace_id:uuid}/memories", opt=READ)
async def get_memories(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_memories: NamedDependency[ListMemories],
    tier: FromQuery[Tier | None] = None,
    tag: Annotated[str | None, QueryParameter(max_length=100, description="A tag they all have.")] = None,
    shared: FromQuery[bool | None] = None,
    q: Annotated[str | None, QueryParameter(max_length=200, description="What they hold, in any case.")] = None,
    superseded: Annotated[
        bool, QueryParameter(description="Also those of which another says what is true now.")
    ] = False,
    deleted: Annotated[bool, QueryParameter(description="Also your own of which the deletion can be undone.")] = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MemoryView]:
    """Your memories in the workspace and those that others share there, newest first."""
    return await list_memories(
        caller,
        WorkspaceId(workspace_id),
        {"tier": tier, "tag": tag, "shared": shared, "q": q, "superseded": superseded, "deleted": deleted},
        cursor,
        limit,
    )


@post(
    "/workspaces/{workspace_id:uuid}/memories",
    responses={200: ResponseSpec(MemoryView, generate_examples=False, description="It was there: this is it.")},
    opt=WRITE,
)
async def post_memory(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[NewMemory],
    add_memory: NamedDependency[AddMemory],
) -> Response[MemoryView]:
    """Remember something; of the same words there is one memory, and `similar_to` names one that says nearly the same.

    Words are the same whatever their case, their spaces, and a full stop at the end.
    """
    memory, new = await add_memory(caller, WorkspaceId(workspace_id), given(data))
    respond = cast("type[ViewResponse]", request.app.response_class)
    return respond(memory, status_code=201 if new else 200)


@get("/memories/{memory_id:uuid}", opt=READ)
async def get_memory(
    caller: NamedDependency[Caller], memory_id: FromPath[UUID], read_memory: NamedDependency[ReadMemory]
) -> MemoryView:
    """A memory of yours, or one that is shared with you."""
    return await read_memory(caller, MemoryId(memory_id))


@patch("/memories/{memory_id:uuid}", opt=WRITE)
async def patch_memory(
    caller: NamedDependency[Caller],
    memory_id: FromPath[UUID],
    data: JSONBody[MemoryPatch],
    expected_version: NamedDependency[int | None],
    edit_memory: NamedDependency[EditMemory],
) -> MemoryView:
    """Change some fields of a memory of yours; who manages members may set another's from `shared` to not shared."""
    return await edit_memory(caller, MemoryId(memory_id), given(data), expected_version)


@delete("/memories/{memory_id:uuid}", opt=READ)
async def delete_memory(
    caller: NamedDependency[Caller],
    memory_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    remove_memory: NamedDependency[RemoveMemory],
    forever: Annotated[bool, QueryParameter(description="For good, with all that it was.")] = False,
) -> None:
    """Delete a memory of yours; nobody finds it any more, and for 30 days that can be undone, unless `forever`.

    Where it comes from something you told your companion, that is not found any more either: it stays in the
    conversation, until you delete it there. A key needs `memory:write`. Who manages members may delete a memory that
    another shares, but not for good.
    """
    await remove_memory(caller, MemoryId(memory_id), expected_version, for_good=forever)


@get("/memories/{memory_id:uuid}/history", opt=READ)
async def get_memory_history(
    caller: NamedDependency[Caller],
    memory_id: FromPath[UUID],
    read_history: NamedDependency[ReadHistory],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MemoryVersionView]:
    """What a memory of yours is and was in the last 30 days, newest first."""
    return await read_history(caller, MemoryId(memory_id), cursor, limit)


@post("/memories/{memory_id:uuid}/undo", status_code=200, opt=WRITE)
async def post_memory_undo(
    caller: NamedDependency[Caller],
    memory_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    undo_memory: NamedDependency[UndoMemory],
) -> MemoryView:
    """Undo the last change of a memory of yours, its deletion too; several undos go back through its changes."""
    return await undo_memory(caller, MemoryId(memory_id), expected_version)


@get("/workspaces/{workspace_id:uuid}/retention", opt=READ)
async def get_memory_retention(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    read_memory_retention: NamedDependency[ReadMemoryRetention],
) -> MemoryRetentionView:
    """For how many days the workspace keeps memories of each tier; null is for ever."""
    return await read_memory_retention(caller, WorkspaceId(workspace_id))


@put("/workspaces/{workspace_id:uuid}/retention", opt={"permission": Permission.WORKSPACE_WRITE})
async def put_memory_retention(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[MemoryRetentionBody],
    expected_version: NamedDependency[int | None],
    edit_memory_retention: NamedDependency[EditMemoryRetention],
) -> MemoryRetentionView:
    """Choose for how many days memories are kept, also those that there are; personal and pinned ones always are.

    Memories of projects for 30 to 3,650 days or for ever, those of tasks for 1 to 365 days.
    """
    return await edit_memory_retention(
        caller,
        WorkspaceId(workspace_id),
        {"project_days": data.project_days, "task_days": data.task_days},
        expected_version,
    )


ROUTES = (
    get_memories,
    post_memory,
    get_memory,
    patch_memory,
    delete_memory,
    get_memory_history,
    post_memory_undo,
    get_memory_retention,
    put_memory_retention,
)
