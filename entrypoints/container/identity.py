from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.identity.ensure_owner import EnsureOwner
from application.identity.issue_owner_key import IssueOwnerKey
from application.workspaces.seed_demo import SeedDemo
from entrypoints.container.given import given
from entrypoints.container.ports import Ports
from entrypoints.container.scheduling import Scheduling
from entrypoints.container.workspaces import Workspaces


class Identity(DeclarativeContainer):
    """The owner, at the first start."""

    ports = given(Ports)
    workspaces = given(Workspaces)
    scheduling = given(Scheduling)

    ensure_owner = Factory(
        EnsureOwner,
        begin=ports.begin,
        open_personal_workspace=workspaces.open_personal_workspace,
        clock=ports.clock,
    )
    issue_owner_key = Factory(IssueOwnerKey, begin=ports.begin, clock=ports.clock)
    seed_demo = Factory(
        SeedDemo,
        views=ports.scheduling_views,
        add_service=scheduling.add_service,
        add_connector=scheduling.add_connector,
        edit_workspace=workspaces.edit_workspace,
    )
