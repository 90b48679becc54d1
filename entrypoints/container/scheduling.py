from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

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
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Scheduling(DeclarativeContainer):
    """Services and connectors."""

    ports = given(Ports)

    list_services = Factory(ListServices, views=ports.scheduling_views)
    read_service = Factory(ReadService, views=ports.scheduling_views)
    add_service = Factory(AddService, begin=ports.begin, clock=ports.clock)
    edit_service = Factory(EditService, begin=ports.begin, clock=ports.clock)
    remove_service = Factory(RemoveService, begin=ports.begin, clock=ports.clock)
    reorder_services = Factory(ReorderServices, begin=ports.begin, clock=ports.clock)
    list_connectors = Factory(ListConnectors, views=ports.scheduling_views)
    read_connector = Factory(ReadConnector, views=ports.scheduling_views)
    add_connector = Factory(AddConnector, begin=ports.begin, secret_box=ports.secret_box, clock=ports.clock)
    edit_connector = Factory(EditConnector, begin=ports.begin, secret_box=ports.secret_box, clock=ports.clock)
    remove_connector = Factory(RemoveConnector, begin=ports.begin, clock=ports.clock)
    activate_connector = Factory(ActivateConnector, begin=ports.begin, clock=ports.clock)
    deactivate_connector = Factory(DeactivateConnector, begin=ports.begin, clock=ports.clock)
