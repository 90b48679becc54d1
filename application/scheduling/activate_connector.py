from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.scheduling import ConnectorView, SchedulingWork
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import ConnectorId
from domain.scheduling import Connector, ConnectorActivated, ConnectorDeactivated
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class ActivateConnector:
    """Makes a connector the one that the assistant hands out, instead of the one that was."""

    begin: Begin[SchedulingWork]
    clock: Clock

    async def __call__(self, caller: Caller, connector_id: ConnectorId, expected: int | None = None) -> ConnectorView:
        """The connector as it is now; of two activated at once, the later one stays active.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
        """
        async with self.begin() as work:
            connector = await activate(work, connector_id, caller, self.clock.now(), expected)
            return await work.commit(ConnectorView.of(connector))


@dataclass(frozen=True, slots=True)
class DeactivateConnector:
    """Has the assistant hand out no connector."""

    begin: Begin[SchedulingWork]
    clock: Clock

    async def __call__(self, caller: Caller, connector_id: ConnectorId, expected: int | None = None) -> ConnectorView:
        """The connector as it is now.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
        """
        async with self.begin() as work:
            workspace_id = (await work.connectors.get(connector_id)).workspace_id
            caller.must(Permission.CONNECTOR_WRITE, workspace_id)
            await work.connectors.of_workspace(workspace_id)
            connector = await work.connectors.get(connector_id)
            check_version(connector.version, expected)
            connector = await _deactivate(work, connector, caller, self.clock.now())
            return await work.commit(ConnectorView.of(connector))


async def activate(
    work: SchedulingWork, connector_id: ConnectorId, caller: Caller, at: datetime, expected: int | None = None
) -> Connector:
    """The connector, active; those of its workspace that were are no more, in the same unit.

    Raises:
        NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
    """
    workspace_id = (await work.connectors.get(connector_id)).workspace_id
    caller.must(Permission.CONNECTOR_WRITE, workspace_id)
    connectors = {connector.id: connector for connector in await work.connectors.of_workspace(workspace_id)}
    chosen = connectors.pop(connector_id, None)
    if chosen is None:
        raise NotFound
    check_version(chosen.version, expected)
    for other in connectors.values():
        await _deactivate(work, other, caller, at)
    if chosen.active:
        return chosen
    activated = ConnectorActivated.of(chosen, by=caller.actor, at=at)
    return await work.connectors.save(chosen.activated(at), because=activated)


async def _deactivate(work: SchedulingWork, connector: Connector, caller: Caller, at: datetime) -> Connector:
    if not connector.active:
        return connector
    deactivated = ConnectorDeactivated.of(connector, by=caller.actor, at=at)
    return await work.connectors.save(connector.deactivated(at), because=deactivated)
