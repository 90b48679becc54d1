"""`flightdeck serve`, and beside its routes one that reads a workspace for anybody: all but to know who asks.

Another reads it after the shortest query there is: to know who asks takes one at least.
"""

import asyncio
import gc
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import uvloop
from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import literal, select

from adapters.postgres.statements import Database, Statement, only
from application.ports.workspaces import WorkspaceView
from application.workspaces.read_workspace import ReadWorkspace
from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.ids import WorkspaceId
from entrypoints.cli.configuration import configured, with_secret_key
from entrypoints.container import running
from entrypoints.http.app import API, build, dependencies
from entrypoints.http.edge.opts import ANONYMOUS
from entrypoints.http.edge.server import listen, server_of
from entrypoints.logs import configure
from entrypoints.settings import Settings

_QUERY = Statement(select(literal(1).label("one")), only)


@get("/anonymous/workspaces/{workspace_id:uuid}", opt={"permission": "anyone", ANONYMOUS: True})
async def get_workspace(workspace_id: FromPath[UUID], read_workspace: NamedDependency[ReadWorkspace]) -> WorkspaceView:
    return await read_workspace(_somebody(WorkspaceId(workspace_id)), WorkspaceId(workspace_id))


@get("/queried/workspaces/{workspace_id:uuid}", opt={"permission": "anyone", ANONYMOUS: True})
async def get_workspace_after_a_query(
    request: Request[Any, Any, Any], workspace_id: FromPath[UUID], read_workspace: NamedDependency[ReadWorkspace]
) -> WorkspaceView:
    database: Database = request.app.state.database
    await database.one(_QUERY)
    return await read_workspace(_somebody(WorkspaceId(workspace_id)), WorkspaceId(workspace_id))


@cache
def _somebody(workspace_id: WorkspaceId) -> Caller:
    return Caller(actor=Actor(ActorType.USER, uuid4(), "Somebody"), grants={workspace_id: Grant.of(Role.VIEWER)})


async def _serve(settings: Settings) -> None:
    async with running(settings) as container:
        app = build(container, settings)
        app.state.database = container.ports.database()
        routes = [get_workspace, get_workspace_after_a_query]
        app.register(Router(API, route_handlers=routes, dependencies=dependencies(container.workspaces())))
        gc.freeze()
        await server_of(app).serve(sockets=list(listen(settings.host, settings.port)))


def main() -> None:
    settings = with_secret_key(configured())
    configure(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings))


if __name__ == "__main__":
    main()
