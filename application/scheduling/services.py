"""The services a business offers: their list, and what their owners do with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.scheduling import SchedulingViews, SchedulingWork, ServiceView
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import ServiceId, WorkspaceId
from domain.pages import Page
from domain.scheduling import (
    Service,
    ServiceCreated,
    ServiceEdited,
    ServiceFields,
    ServiceRemoved,
    ServicesReordered,
    check_room,
    ordered,
)
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class ListServices:
    """Shows a workspace's services."""

    views: SchedulingViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, cursor: str | None, limit: int
    ) -> Page[ServiceView]:
        """A page of them in their order.

        Raises:
            NotFound: there is no such workspace for the caller. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.SERVICE_READ, workspace_id)
        return await self.views.services(workspace_id, cursor, limit)


@dataclass(frozen=True, slots=True)
class ReadService:
    """Shows a service."""

    views: SchedulingViews

    async def __call__(self, caller: Caller, service_id: ServiceId) -> ServiceView:
        """The service.

        Raises:
            NotFound: there is none that the caller may see.
        """
        view = await self.views.service(service_id)
        if view is None:
            raise NotFound
        caller.must(Permission.SERVICE_READ, view.workspace_id)
        return view


@dataclass(frozen=True, slots=True)
class AddService:
    """Adds a service at the end of the list."""

    begin: Begin[SchedulingWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, fields: ServiceFields) -> ServiceView:
        """The new service.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: a field cannot be taken. TooMany: the list is full.
        """
        caller.must(Permission.SERVICE_WRITE, workspace_id)
        now = self.clock.now()
        async with self.begin() as work:
            others = await work.services.of_workspace(workspace_id)
            check_room(len(others), "services")
            service = Service.offered(workspace_id, fields, after=others, at=now)
            created = ServiceCreated(
                workspace_id=workspace_id, actor=caller.actor, at=now, service_id=service.id, name=service.name
            )
            await work.services.add(service, because=created)
            return await work.commit(ServiceView.of(service))


@dataclass(frozen=True, slots=True)
class EditService:
    """Changes some fields of a service."""

    begin: Begin[SchedulingWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, service_id: ServiceId, fields: ServiceFields, expected: int | None = None
    ) -> ServiceView:
        """The service as it is now.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            Invalid: a field cannot be taken. EditConflict: it was changed at the same time.
        """
        now = self.clock.now()
        async with self.begin() as work:
            service = await work.services.get(service_id)
            caller.must(Permission.SERVICE_WRITE, service.workspace_id)
            check_version(service.version, expected)
            if not fields:
                return await work.commit(ServiceView.of(service))
            edited = ServiceEdited(
                workspace_id=service.workspace_id,
                actor=caller.actor,
                at=now,
                service_id=service_id,
                fields=tuple(sorted(fields)),
            )
            saved = await work.services.save(service.edited(fields, now), because=edited)
            return await work.commit(ServiceView.of(saved))


@dataclass(frozen=True, slots=True)
class RemoveService:
    """Takes a service out of the list."""

    begin: Begin[SchedulingWork]
    clock: Clock

    async def __call__(self, caller: Caller, service_id: ServiceId, expected: int | None = None) -> None:
        """Nothing; it is gone.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
        """
        async with self.begin() as work:
            service = await work.services.get(service_id)
            caller.must(Permission.SERVICE_WRITE, service.workspace_id)
            check_version(service.version, expected)
            removed = ServiceRemoved(
                workspace_id=service.workspace_id,
                actor=caller.actor,
                at=self.clock.now(),
                service_id=service_id,
                name=service.name,
            )
            await work.services.remove(service, because=removed)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class ReorderServices:
    """Puts the services in another order."""

    begin: Begin[SchedulingWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, ids: Sequence[ServiceId]) -> Page[ServiceView]:
        """All services in their new order.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: `ids` is not exactly the set of the services.
        """
        caller.must(Permission.SERVICE_WRITE, workspace_id)
        now = self.clock.now()
        async with self.begin() as work:
            services = {service.id: service for service in await work.services.of_workspace(workspace_id)}
            because = ServicesReordered(workspace_id=workspace_id, actor=caller.actor, at=now)
            work.record(because)
            for moved in ordered(tuple(services.values()), ids, now):
                services[moved.id] = await work.services.save(moved)
            views = [ServiceView.of(services[identifier]) for identifier in ids]
            return await work.commit(Page(items=views, next_cursor=None))
