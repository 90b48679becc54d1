from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Database, Queries, Statement
from adapters.postgres.tables import connectors, services, workspaces
from application.ports.scheduling import Connectors, ConnectorView, SchedulingViews, Services, ServiceView
from domain.activity import Event
from domain.errors import EditConflict, NotFound
from domain.ids import ConnectorId, ServiceId, WorkspaceId
from domain.pages import Page, decode_cursor, page_of
from domain.scheduling import Connector, Service

_LOCK_WORKSPACE = Command(
    select(workspaces.c.id).where(workspaces.c.id == bindparam("id")).with_for_update(key_share=True)
)
_SERVICES = Mapped(Service, services)
_ADD_SERVICE = _SERVICES.inserting()
_SERVICE = _SERVICES.by_id()
_SAVE_SERVICE = _SERVICES.replacing_version()
_REMOVE_SERVICE = _SERVICES.removing_version()
_by_position = (services.c.position, services.c.id)
_of_workspace = _SERVICES.select().where(services.c.workspace_id == bindparam("workspace_id")).order_by(*_by_position)
_ALL_SERVICES = Statement(_of_workspace, _SERVICES.make)
ACTIVE_SERVICES = Statement(_of_workspace.where(services.c.active), _SERVICES.make)
"""Wants `workspace_id`: what visitors may ask for, in order."""

_CONNECTORS = Mapped(Connector, connectors)
_ADD_CONNECTOR = _CONNECTORS.inserting()
_CONNECTOR = _CONNECTORS.by_id()
_SAVE_CONNECTOR = _CONNECTORS.replacing_version()
_REMOVE_CONNECTOR = _CONNECTORS.removing_version()
_connectors_of = _CONNECTORS.select().where(connectors.c.workspace_id == bindparam("workspace_id"))
_ALL_CONNECTORS = Statement(_connectors_of.order_by(connectors.c.created_at, connectors.c.id), _CONNECTORS.make)


class PostgresServices(Services):
    """Services, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, service: Service, because: Event) -> None:
        await self._queries.run(_ADD_SERVICE, **_SERVICES.values(service))
        self._changes.explain(because)

    @override
    async def get(self, service_id: ServiceId) -> Service:
        service = await self._queries.one(_SERVICE, id=service_id)
        if service is None:
            raise NotFound
        return service

    @override
    async def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Service]:
        # Two statements: one alone would wait for the lock with a snapshot from before.
        await self._queries.run(_LOCK_WORKSPACE, id=workspace_id)
        return await self._queries.all(_ALL_SERVICES, workspace_id=workspace_id)

    @override
    async def save(self, service: Service, because: Event | None = None) -> Service:
        changes = _SERVICES.changes(service)
        if not await self._queries.run(_SAVE_SERVICE, key=service.id, expected=service.version, **changes):
            raise EditConflict
        self._changes.explain(because)
        return replace(service, version=service.version + 1)

    @override
    async def remove(self, service: Service, because: Event) -> None:
        if not await self._queries.run(_REMOVE_SERVICE, key=service.id, expected=service.version):
            raise EditConflict
        self._changes.explain(because)


class PostgresConnectors(Connectors):
    """Connectors, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, connector: Connector, because: Event) -> None:
        await self._queries.run(_ADD_CONNECTOR, **_CONNECTORS.values(connector))
        self._changes.explain(because)

    @override
    async def get(self, connector_id: ConnectorId) -> Connector:
        connector = await self._queries.one(_CONNECTOR, id=connector_id)
        if connector is None:
            raise NotFound
        return connector

    @override
    async def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Connector]:
        await self._queries.run(_LOCK_WORKSPACE, id=workspace_id)
        return await self._queries.all(_ALL_CONNECTORS, workspace_id=workspace_id)

    @override
    async def save(self, connector: Connector, because: Event | None = None) -> Connector:
        changes = _CONNECTORS.changes(connector)
        if not await self._queries.run(_SAVE_CONNECTOR, key=connector.id, expected=connector.version, **changes):
            raise EditConflict
        self._changes.explain(because)
        return replace(connector, version=connector.version + 1)

    @override
    async def remove(self, connector: Connector, because: Event) -> None:
        if not await self._queries.run(_REMOVE_CONNECTOR, key=connector.id, expected=connector.version):
            raise EditConflict
        self._changes.explain(because)


def _service_view(**columns: Any) -> ServiceView:
    return ServiceView.of(_SERVICES.make(**columns))


def _connector_view(**columns: Any) -> ConnectorView:
    return ConnectorView.of(_CONNECTORS.make(**columns))


_page = _of_workspace.limit(bindparam("most"))
_behind = tuple_(*_by_position) > tuple_(bindparam("position"), bindparam("id"))
_FIRST_SERVICES = Statement(_page, _service_view)
_NEXT_SERVICES = Statement(_page.where(_behind), _service_view)
_SERVICE_VIEW = Statement(_SERVICES.select().where(services.c.id == bindparam("id")), _service_view)
_FIRST_CONNECTORS = Statement(newest_first(_connectors_of, connectors, behind=False), _connector_view)
_NEXT_CONNECTORS = Statement(newest_first(_connectors_of, connectors, behind=True), _connector_view)
_CONNECTOR_VIEW = Statement(_CONNECTORS.select().where(connectors.c.id == bindparam("id")), _connector_view)


class PostgresSchedulingViews(SchedulingViews):
    """Services and connectors, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def services(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[ServiceView]:
        wanted: dict[str, Any] = {"workspace_id": workspace_id, "most": limit + 1}
        if cursor is None:
            found = await self._database.all(_FIRST_SERVICES, **wanted)
        else:
            position, identifier = decode_cursor(cursor, int, UUID)
            found = await self._database.all(_NEXT_SERVICES, **wanted, position=position, id=identifier)
        return page_of(found, limit, lambda service: (service.position, str(service.id)))

    @override
    async def service(self, service_id: ServiceId) -> ServiceView | None:
        return await self._database.one(_SERVICE_VIEW, id=service_id)

    @override
    async def connectors(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[ConnectorView]:
        listing = _FIRST_CONNECTORS if cursor is None else _NEXT_CONNECTORS
        found = await self._database.all(listing, workspace_id=workspace_id, **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def connector(self, connector_id: ConnectorId) -> ConnectorView | None:
        return await self._database.one(_CONNECTOR_VIEW, id=connector_id)
