from dataclasses import dataclass

from application.ports.scheduling import SchedulingViews
from application.ports.workspaces import WorkspaceView
from application.scheduling.connectors import AddConnector
from application.scheduling.services import AddService
from application.workspaces.demo import DEMO_CONNECTOR, DEMO_KNOWLEDGE, DEMO_SERVICES, DEMO_WORKSPACE, DemoService
from application.workspaces.edit_workspace import EditWorkspace
from domain.access import Caller
from domain.scheduling import MOST, ConnectorType, Money, ServiceFields, ServiceFormat
from domain.workspaces import BusinessType, HandleTaken, Tone, WorkspaceChanges


@dataclass(frozen=True, slots=True)
class SeedDemo:
    """Turns a workspace into the demo business; run again, it adds what is missing and changes nothing else."""

    views: SchedulingViews
    add_service: AddService
    add_connector: AddConnector
    edit_workspace: EditWorkspace

    async def __call__(self, caller: Caller, workspace: WorkspaceView) -> None:
        """Nothing; the services, the connector and the page of knowledge are there.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        await self._add_services(caller, workspace)
        await self._add_connector(caller, workspace)
        if not workspace.knowledge_base:
            await self._describe(caller, workspace)

    async def _add_services(self, caller: Caller, workspace: WorkspaceView) -> None:
        page = await self.views.services(workspace.id, None, MOST)
        present = {service.name for service in page.items}
        for service in DEMO_SERVICES:
            if service.name not in present:
                await self.add_service(caller, workspace.id, _fields(service))

    async def _add_connector(self, caller: Caller, workspace: WorkspaceView) -> None:
        page = await self.views.connectors(workspace.id, None, 1)
        if not page.items:
            kind = ConnectorType(DEMO_CONNECTOR.type)
            await self.add_connector(caller, workspace.id, kind, DEMO_CONNECTOR.config, active=True)

    async def _describe(self, caller: Caller, workspace: WorkspaceView) -> None:
        changes: WorkspaceChanges = {**_PROFILE, "knowledge_base": DEMO_KNOWLEDGE}
        try:
            await self.edit_workspace(caller, workspace.id, {**changes, "handle": DEMO_WORKSPACE.handle})
        except HandleTaken:
            await self.edit_workspace(caller, workspace.id, changes)


_PROFILE: WorkspaceChanges = {
    "name": DEMO_WORKSPACE.name,
    "public_name": DEMO_WORKSPACE.public_name,
    "subtitle": DEMO_WORKSPACE.subtitle,
    "description": DEMO_WORKSPACE.description,
    "business_type": BusinessType(DEMO_WORKSPACE.business_type),
    "tone": Tone(DEMO_WORKSPACE.tone),
    "language": DEMO_WORKSPACE.language,
    "timezone": DEMO_WORKSPACE.timezone,
    "assistant": {
        "greeting": DEMO_WORKSPACE.greeting,
        "suggested_questions": list(DEMO_WORKSPACE.suggested_questions),
        "instructions": DEMO_WORKSPACE.instructions,
    },
}


def _fields(service: DemoService) -> ServiceFields:
    return {
        "name": service.name,
        "description": service.description,
        "format": ServiceFormat(service.format),
        "duration_minutes": service.duration_minutes,
        "price_from": Money.parse(service.price, service.currency),
    }
