"""The connectors of a workspace: its ways to book, and what its owners do with them."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.scheduling import ConnectorView, SchedulingViews, SchedulingWork
from application.ports.secret_box import SecretBox
from application.ports.unit_of_work import Begin
from application.scheduling.activate_connector import activate
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import ConnectorId, WorkspaceId
from domain.pages import Page
from domain.scheduling import (
    Connector,
    ConnectorConfig,
    ConnectorCreated,
    ConnectorEdited,
    ConnectorRemoved,
    ConnectorType,
    check_config,
    check_room,
)
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class ListConnectors:
    """Shows a workspace's connectors."""

    views: SchedulingViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, cursor: str | None, limit: int
    ) -> Page[ConnectorView]:
        """A page of them, newest first.

        Raises:
            NotFound: there is no such workspace for the caller. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.CONNECTOR_READ, workspace_id)
        return await self.views.connectors(workspace_id, cursor, limit)


@dataclass(frozen=True, slots=True)
class ReadConnector:
    """Shows a connector, its secrets left out."""

    views: SchedulingViews

    async def __call__(self, caller: Caller, connector_id: ConnectorId) -> ConnectorView:
        """The connector.

        Raises:
            NotFound: there is none that the caller may see.
        """
        view = await self.views.connector(connector_id)
        if view is None:
            raise NotFound
        caller.must(Permission.CONNECTOR_READ, view.workspace_id)
        return view


@dataclass(frozen=True, slots=True)
class AddConnector:
    """Adds a way to book."""

    begin: Begin[SchedulingWork]
    secret_box: SecretBox
    clock: Clock

    async def __call__(
        self,
        caller: Caller,
        workspace_id: WorkspaceId,
        kind: ConnectorType,
        config: Mapping[str, object],
        *,
        active: bool,
    ) -> ConnectorView:
        """The new connector; when `active`, it takes over from the one that was.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: the config is wrong. TooMany: the list is full.
        """
        caller.must(Permission.CONNECTOR_WRITE, workspace_id)
        now = self.clock.now()
        checked = check_config(kind, config)
        async with self.begin() as work:
            others = await work.connectors.of_workspace(workspace_id)
            check_room(len(others), "connectors")
            added = Connector.added(workspace_id, kind, checked.url, now)
            connector = added.configured(checked.url, _sealed(self.secret_box, added, checked), now)
            created = ConnectorCreated.of(connector, by=caller.actor, at=now)
            await work.connectors.add(connector, because=created)
            if active:
                connector = await activate(work, connector.id, caller, now)
            return await work.commit(ConnectorView.of(connector))


@dataclass(frozen=True, slots=True)
class EditConnector:
    """Changes some keys of a connector's config."""

    begin: Begin[SchedulingWork]
    secret_box: SecretBox
    clock: Clock

    async def __call__(
        self, caller: Caller, connector_id: ConnectorId, config: Mapping[str, object], expected: int | None = None
    ) -> ConnectorView:
        """The connector as it is now.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            Invalid: the config is wrong. EditConflict: it was changed at the same time.
        """
        now = self.clock.now()
        async with self.begin() as work:
            connector = await work.connectors.get(connector_id)
            caller.must(Permission.CONNECTOR_WRITE, connector.workspace_id)
            check_version(connector.version, expected)
            checked = check_config(connector.type, {"url": connector.url, **config})
            changed = connector.configured(checked.url, _sealed(self.secret_box, connector, checked), now)
            edited = ConnectorEdited.between(connector, changed, by=caller.actor)
            saved = await work.connectors.save(changed, because=edited)
            return await work.commit(ConnectorView.of(saved))


@dataclass(frozen=True, slots=True)
class RemoveConnector:
    """Takes a way to book away."""

    begin: Begin[SchedulingWork]
    clock: Clock

    async def __call__(self, caller: Caller, connector_id: ConnectorId, expected: int | None = None) -> None:
        """Nothing; it is gone, its secrets too.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
        """
        async with self.begin() as work:
            connector = await work.connectors.get(connector_id)
            caller.must(Permission.CONNECTOR_WRITE, connector.workspace_id)
            check_version(connector.version, expected)
            removed = ConnectorRemoved.of(connector, by=caller.actor, at=self.clock.now())
            await work.connectors.remove(connector, because=removed)
            await work.commit(None)


def _sealed(box: SecretBox, connector: Connector, config: ConnectorConfig) -> dict[str, bytes]:
    purpose = f"connector:{connector.id}"
    kept = {key: value for key, value in connector.sealed.items() if key not in config.secrets}
    fresh = {key: box.seal(value.encode(), purpose=purpose) for key, value in config.secrets.items() if value}
    return kept | fresh
