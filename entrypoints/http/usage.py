from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from application.ports.usage import UsageGroup
from application.usage.read_usage import ReadUsage, UsageView
from domain.access import Caller, Permission
from domain.ids import WorkspaceId


@get("/workspaces/{workspace_id:uuid}/usage", opt={"permission": Permission.USAGE_READ})
async def get_usage(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    read_usage: NamedDependency[ReadUsage],
    first: Annotated[
        date | None, QueryParameter(name="from", description="The first day; by default 29 before the last.")
    ] = None,
    last: Annotated[date | None, QueryParameter(name="to", description="The last day; by default today.")] = None,
    group: FromQuery[UsageGroup] = UsageGroup.DAY,
) -> UsageView:
    """Tokens and costs by day, model or conversation, of 366 days at most, in the workspace's time zone."""
    return await read_usage(caller, WorkspaceId(workspace_id), first, last, group)


ROUTES = (get_usage,)
