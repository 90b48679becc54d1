from typing import Any
from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from application.ports.scheduling import ConnectorView, ServiceView
from application.scheduling.activate_connector import ActivateConnector, DeactivateConnector
from application.scheduling.connectors import (
    AddConnector,
    EditConnector,
    ListConnectors,
    ReadConnector,
    RemoveConnector,
)
from application.scheduling.services import (
    AddService,
    EditService,
    ListServices,
    ReadService,
    RemoveService,
    ReorderServices,
)
from domain.access import Caller, Permission
from domain.ids import ConnectorId, ServiceId, WorkspaceId
from domain.pages import Page
from domain.scheduling import ConnectorType, Money, ServiceFields, ServiceFormat
from entrypoints.http.changes import Body, given
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


class MoneyBody(Body, frozen=True):
    """An amount as text, exact, and its ISO 4217 currency."""

    amount: str
    currency: str


class ServiceFacts(Body, frozen=True):
    """What can be said of a service besides its name."""

    description: str | UnsetType | None = UNSET
    format: ServiceFormat | UnsetType = UNSET
    duration_minutes: int | UnsetType | None = UNSET
    price_from: MoneyBody | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class NewService(ServiceFacts, frozen=True, kw_only=True):
    """A service to offer."""

    name: str


class ServicePatch(ServiceFacts, frozen=True):
    """The fields to change; absent ones stay, null empties those that can be empty."""

    name: str | UnsetType = UNSET


class ServicesOrder(Body, frozen=True):
    """Each service of the workspace exactly once, in the order wanted."""

    ids: list[UUID]


class NewConnector(Body, frozen=True):
    """A way to book; its config holds `url` and, by type, secret keys."""

    type: ConnectorType
    config: dict[str, Any]
    active: bool = False


class ConnectorPatch(Body, frozen=True):
    """The keys of the config to change; null removes a secret."""

    config: dict[str, Any]


def _fields(body: ServiceFacts) -> ServiceFields:
    fields: ServiceFields = given(body)
    if isinstance(body.price_from, MoneyBody):
        fields["price_from"] = Money.parse(body.price_from.amount, body.price_from.currency)
    return fields


@get("/workspaces/{workspace_id:uuid}/services", opt={"permission": Permission.SERVICE_READ})
async def get_services(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_services: NamedDependency[ListServices],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ServiceView]:
    """The services in their order."""
    return await list_services(caller, WorkspaceId(workspace_id), cursor, limit)


@post("/workspaces/{workspace_id:uuid}/services", opt={"permission": Permission.SERVICE_WRITE})
async def post_service(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[NewService],
    add_service: NamedDependency[AddService],
) -> ServiceView:
    """Offer another service, at the end of the list."""
    return await add_service(caller, WorkspaceId(workspace_id), _fields(data))


@get("/services/{service_id:uuid}", opt={"permission": Permission.SERVICE_READ})
async def get_service(
    caller: NamedDependency[Caller], service_id: FromPath[UUID], read_service: NamedDependency[ReadService]
) -> ServiceView:
    """A service."""
    return await read_service(caller, ServiceId(service_id))


@patch("/services/{service_id:uuid}", opt={"permission": Permission.SERVICE_WRITE})
async def patch_service(
    caller: NamedDependency[Caller],
    service_id: FromPath[UUID],
    data: JSONBody[ServicePatch],
    expected_version: NamedDependency[int | None],
    edit_service: NamedDependency[EditService],
) -> ServiceView:
    """Change some fields of a service."""
    return await edit_service(caller, ServiceId(service_id), _fields(data), expected_version)


@delete("/services/{service_id:uuid}", opt={"permission": Permission.SERVICE_WRITE})
async def delete_service(
    caller: NamedDependency[Caller],
    service_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    remove_service: NamedDependency[RemoveService],
) -> None:
    """Offer a service no more."""
    await remove_service(caller, ServiceId(service_id), expected_version)


@put("/workspaces/{workspace_id:uuid}/services/order", opt={"permission": Permission.SERVICE_WRITE})
async def put_services_order(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[ServicesOrder],
    reorder_services: NamedDependency[ReorderServices],
) -> Page[ServiceView]:
    """Put the services in another order."""
    return await reorder_services(caller, WorkspaceId(workspace_id), [ServiceId(identifier) for identifier in data.ids])


@get("/workspaces/{workspace_id:uuid}/connectors", opt={"permission": Permission.CONNECTOR_READ})
async def get_connectors(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_connectors: NamedDependency[ListConnectors],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ConnectorView]:
    """The ways to book, newest first."""
    return await list_connectors(caller, WorkspaceId(workspace_id), cursor, limit)


@post("/workspaces/{workspace_id:uuid}/connectors", opt={"permission": Permission.CONNECTOR_WRITE})
async def post_connector(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[NewConnector],
    add_connector: NamedDependency[AddConnector],
) -> ConnectorView:
    """Add a way to book; when `active`, it takes over from the one that was."""
    return await add_connector(caller, WorkspaceId(workspace_id), data.type, data.config, active=data.active)


@get("/connectors/{connector_id:uuid}", opt={"permission": Permission.CONNECTOR_READ})
async def get_connector(
    caller: NamedDependency[Caller], connector_id: FromPath[UUID], read_connector: NamedDependency[ReadConnector]
) -> ConnectorView:
    """A way to book; of its secrets only whether they are set."""
    return await read_connector(caller, ConnectorId(connector_id))


@patch("/connectors/{connector_id:uuid}", opt={"permission": Permission.CONNECTOR_WRITE})
async def patch_connector(
    caller: NamedDependency[Caller],
    connector_id: FromPath[UUID],
    data: JSONBody[ConnectorPatch],
    expected_version: NamedDependency[int | None],
    edit_connector: NamedDependency[EditConnector],
) -> ConnectorView:
    """Change some keys of the config."""
    return await edit_connector(caller, ConnectorId(connector_id), data.config, expected_version)


@delete("/connectors/{connector_id:uuid}", opt={"permission": Permission.CONNECTOR_WRITE})
async def delete_connector(
    caller: NamedDependency[Caller],
    connector_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    remove_connector: NamedDependency[RemoveConnector],
) -> None:
    """Remove a way to book, its secrets too."""
    await remove_connector(caller, ConnectorId(connector_id), expected_version)


@post("/connectors/{connector_id:uuid}/activate", status_code=200, opt={"permission": Permission.CONNECTOR_WRITE})
async def post_connector_activate(
    caller: NamedDependency[Caller],
    connector_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    activate_connector: NamedDependency[ActivateConnector],
) -> ConnectorView:
    """Have the assistant hand this one out, and no other."""
    return await activate_connector(caller, ConnectorId(connector_id), expected_version)


@post("/connectors/{connector_id:uuid}/deactivate", status_code=200, opt={"permission": Permission.CONNECTOR_WRITE})
async def post_connector_deactivate(
    caller: NamedDependency[Caller],
    connector_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    deactivate_connector: NamedDependency[DeactivateConnector],
) -> ConnectorView:
    """Have the assistant hand this one out no more."""
    return await deactivate_connector(caller, ConnectorId(connector_id), expected_version)


ROUTES = (
    get_services,
    post_service,
    get_service,
    patch_service,
    delete_service,
    put_services_order,
    get_connectors,
    post_connector,
    get_connector,
    patch_connector,
    delete_connector,
    post_connector_activate,
    post_connector_deactivate,
)
