from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter

from application.activity.follow_activity import FollowActivity
from application.activity.list_activity import ListActivity
from application.ports.activity import ActivityFilter, ActivityView
from domain.access import Caller, Permission
from domain.ids import WorkspaceId
from domain.pages import Page
from entrypoints.http.edge.streams import EventStream, ServerEvent
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit

Number = Annotated[int | None, QueryParameter(ge=0, le=2**63 - 1, description="Events with greater ids.")]


@get("/workspaces/{workspace_id:uuid}/activity", opt={"permission": Permission.ACTIVITY_READ})
async def get_activity(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_activity: NamedDependency[ListActivity],
    event_type: Annotated[
        str | None, QueryParameter(name="type", max_length=100, description="A type, or its noun: `run`.")
    ] = None,
    actor: FromQuery[UUID | None] = None,
    subject: FromQuery[UUID | None] = None,
    since: Number = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ActivityView]:
    """What happened in the workspace, newest first."""
    only = ActivityFilter(type=event_type, actor=actor, subject=subject, since=since)
    return await list_activity(caller, WorkspaceId(workspace_id), only, cursor, limit)


@get(
    "/workspaces/{workspace_id:uuid}/activity/stream",
    media_type="text/event-stream",
    response_description="`event: activity`, each once and in order; `data` is an ActivityView as JSON, `id` its `id`, "
    "for `Last-Event-ID`. The stream does not end by itself. A comment comes in silence.",
    opt={"permission": Permission.ACTIVITY_READ},
)
async def get_activity_stream(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    follow_activity: NamedDependency[FollowActivity],
    since: Number = None,
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID", description="Resume behind it.")] = None,
) -> Response[Any]:
    """Follow the workspace as server-sent events (`event: activity`), from `Last-Event-ID`, `since`, or now on."""
    known = last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) < 19  # noqa: PLR2004 (fits 63 bits)
    after = int(last_event_id) if last_event_id and known else since
    return EventStream(_events(await follow_activity(caller, WorkspaceId(workspace_id), after)))


async def _events(views: AsyncGenerator[ActivityView | None, None]) -> AsyncGenerator[ServerEvent | None, None]:
    async with aclosing(views):
        async for view in views:
            yield ServerEvent(id=str(view.id), event="activity", data=view) if view else None


ROUTES = (get_activity, get_activity_stream)
