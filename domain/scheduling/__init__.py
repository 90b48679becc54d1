"""What a business offers, and how it is booked: services and connectors."""

from domain.money import Money
from domain.scheduling.connectors import (
    CONNECTOR_RULES,
    ActiveConnectorExists,
    Connector,
    ConnectorActivated,
    ConnectorConfig,
    ConnectorCreated,
    ConnectorDeactivated,
    ConnectorEdited,
    ConnectorEvent,
    ConnectorRemoved,
    ConnectorRule,
    ConnectorType,
    check_config,
)
from domain.scheduling.room import MOST, TooMany, check_room
from domain.scheduling.services import (
    Service,
    ServiceCreated,
    ServiceEdited,
    ServiceEvent,
    ServiceFields,
    ServiceFormat,
    ServiceRemoved,
    ServicesReordered,
    ordered,
)

__all__ = [
    "CONNECTOR_RULES",
    "MOST",
    "ActiveConnectorExists",
    "Connector",
    "ConnectorActivated",
    "ConnectorConfig",
    "ConnectorCreated",
    "ConnectorDeactivated",
    "ConnectorEdited",
    "ConnectorEvent",
    "ConnectorRemoved",
    "ConnectorRule",
    "ConnectorType",
    "Money",
    "Service",
    "ServiceCreated",
    "ServiceEdited",
    "ServiceEvent",
    "ServiceFields",
    "ServiceFormat",
    "ServiceRemoved",
    "ServicesReordered",
    "TooMany",
    "check_config",
    "check_room",
    "ordered",
]
