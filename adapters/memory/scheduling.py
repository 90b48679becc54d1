from collections.abc import Sequence

from typing_extensions import override

from adapters.memory.pages import created, in_order, newest_first
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.scheduling import Connectors, ConnectorView, SchedulingViews, Services, ServiceView
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import ConnectorId, ServiceId, WorkspaceId
from domain.pages import Page
from domain.scheduling import Connector, Service


class MemoryServices(Services):
    """Services within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._services = store.services
        self._transaction = transaction

    @override
    async def add(self, service: Service, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._services, service)

    @override
    async def get(self, service_id: ServiceId) -> Service:
        service = self._transaction.get(self._services, service_id)
        if service is None:
            raise NotFound
        return service

    @override
    async def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Service]:
        await self._transaction.lock("services of", workspace_id)
        services = self._transaction.all(self._services)
        return sorted((service for service in services if service.workspace_id == workspace_id), key=_place)

    @override
    async def save(self, service: Service, because: Event | None = None) -> Service:
        self._transaction.explain(because)
        return await self._transaction.replace(self._services, service)

    @override
    async def remove(self, service: Service, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.discard(self._services, service)


class MemoryConnectors(Connectors):
    """Connectors within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._connectors = store.connectors
        self._transaction = transaction

    @override
    async def add(self, connector: Connector, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._connectors, connector)

    @override
    async def get(self, connector_id: ConnectorId) -> Connector:
        connector = self._transaction.get(self._connectors, connector_id)
        if connector is None:
            raise NotFound
        return connector

    @override
    async def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Connector]:
        await self._transaction.lock("connectors of", workspace_id)
        connectors = self._transaction.all(self._connectors)
        return sorted((connector for connector in connectors if connector.workspace_id == workspace_id), key=created)

    @override
    async def save(self, connector: Connector, because: Event | None = None) -> Connector:
        self._transaction.explain(because)
        return await self._transaction.replace(self._connectors, connector)

    @override
    async def remove(self, connector: Connector, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.discard(self._connectors, connector)


class MemorySchedulingViews(SchedulingViews):
    """Committed services and connectors."""

    def __init__(self, store: MemoryStore) -> None:
        self._services = store.services
        self._connectors = store.connectors

    @override
    async def services(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[ServiceView]:
        services = self._services.rows.values()
        views = (ServiceView.of(service) for service in services if service.workspace_id == workspace_id)
        return in_order(views, _place, cursor, limit, int, str)

    @override
    async def service(self, service_id: ServiceId) -> ServiceView | None:
        service = self._services.rows.get(service_id)
        return ServiceView.of(service) if service else None

    @override
    async def connectors(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[ConnectorView]:
        connectors = self._connectors.rows.values()
        views = (ConnectorView.of(connector) for connector in connectors if connector.workspace_id == workspace_id)
        return newest_first(views, cursor, limit)

    @override
    async def connector(self, connector_id: ConnectorId) -> ConnectorView | None:
        connector = self._connectors.rows.get(connector_id)
        return ConnectorView.of(connector) if connector else None


def active_services(store: MemoryStore, workspace_id: WorkspaceId) -> list[Service]:
    """The committed services that are offered, in order."""
    services = store.services.rows.values()
    return sorted((found for found in services if found.active and found.workspace_id == workspace_id), key=_place)


def _place(service: Service | ServiceView) -> tuple[int, str]:
    return service.position, str(service.id)
