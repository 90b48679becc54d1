from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from application.ports.unit_of_work import UnitOfWork
from domain.activity import Event
from domain.ids import ConnectorId, ServiceId, WorkspaceId
from domain.pages import Page
from domain.scheduling import CONNECTOR_RULES, Connector, ConnectorType, Money, Service, ServiceFormat


class Services(Protocol):
    """What businesses offer."""

    async def add(self, service: Service, because: Event) -> None:
        """Stores a new service."""
        ...

    async def get(self, service_id: ServiceId) -> Service:
        """The service.

        Raises:
            NotFound: there is none.
        """
        ...

    async def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Service]:
        """All services of the workspace, by position; other such callers for it wait until the unit ends."""
        ...

    async def save(self, service: Service, because: Event | None = None) -> Service:
        """Replaces the version that was read, and returns what is stored now, its version raised by one.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...

    async def remove(self, service: Service, because: Event) -> None:
        """The service is gone.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...


class Connectors(Protocol):
    """How services are booked."""

    async def add(self, connector: Connector, because: Event) -> None:
        """Stores a new connector.

        Raises:
            ActiveConnectorExists: it is active, and so is another of the workspace.
        """
        ...

    async def get(self, connector_id: ConnectorId) -> Connector:
        """The connector.

        Raises:
            NotFound: there is none.
        """
        ...

    async def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Connector]:
        """All connectors of the workspace, oldest first; other such callers for it wait until the unit ends."""
        ...

    async def save(self, connector: Connector, because: Event | None = None) -> Connector:
        """Replaces the version that was read, and returns what is stored now, its version raised by one.

        Raises:
            EditConflict: it was changed or removed since it was read.
            ActiveConnectorExists: it is active, and so is another of the workspace.
        """
        ...

    async def remove(self, connector: Connector, because: Event) -> None:
        """The connector is gone.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyView:
    """An amount as text, exact, and its ISO 4217 currency."""

    amount: str
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> Self | None:
        """The view of an amount, if there is one."""
        return cls(amount=f"{money.amount:f}", currency=money.currency) if money else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """A service as everybody sees it."""

    id: ServiceId
    workspace_id: WorkspaceId
    name: str
    description: str
    format: ServiceFormat
    duration_minutes: int | None
    price_from: MoneyView | None
    active: bool
    position: int
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, service: Service) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=service.id,
            workspace_id=service.workspace_id,
            name=service.name,
            description=service.description,
            format=service.format,
            duration_minutes=service.duration_minutes,
            price_from=MoneyView.of(service.price_from),
            active=service.active,
            position=service.position,
            version=service.version,
            created_at=service.created_at,
            updated_at=service.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorView:
    """A connector as members see it; of a secret key of its config, `config` says only whether it is set."""

    id: ConnectorId
    workspace_id: WorkspaceId
    type: ConnectorType
    config: Mapping[str, str | bool]
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, connector: Connector) -> Self:
        """The view of what was just written or read."""
        secrets = {f"has_{key}": key in connector.sealed for key in CONNECTOR_RULES[connector.type].secrets}
        return cls(
            id=connector.id,
            workspace_id=connector.workspace_id,
            type=connector.type,
            config={"url": connector.url, **secrets},
            active=connector.active,
            version=connector.version,
            created_at=connector.created_at,
            updated_at=connector.updated_at,
        )


class SchedulingViews(Protocol):
    """Services and connectors, to look at."""

    async def services(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[ServiceView]:
        """The workspace's services in order of position.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def service(self, service_id: ServiceId) -> ServiceView | None:
        """The service, or None."""
        ...

    async def connectors(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[ConnectorView]:
        """The workspace's connectors, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def connector(self, connector_id: ConnectorId) -> ConnectorView | None:
        """The connector, or None."""
        ...


class SchedulingWork(UnitOfWork, Protocol):
    """What use cases of scheduling touch."""

    services: Services
    connectors: Connectors
