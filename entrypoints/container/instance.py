from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.instance.administer import GrantAdministration, SetUserActive, SetWorkspaceSuspended
from application.instance.lists import ListAllWorkspaces, ListDeadJobs, ListUsers, NoteListing
from application.instance.read_activity import ReadInstanceActivity
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Instance(DeclarativeContainer):
    """What those do who look after the instance."""

    ports = given(Ports)

    note_listing = Factory(NoteListing, begin=ports.begin, clock=ports.clock)
    list_users = Factory(ListUsers, views=ports.instance_views, note=note_listing)
    list_all_workspaces = Factory(ListAllWorkspaces, views=ports.instance_views, note=note_listing)
    list_dead_jobs = Factory(ListDeadJobs, views=ports.instance_views, note=note_listing)
    read_instance_activity = Factory(ReadInstanceActivity, views=ports.activity_views, note=note_listing)
    set_user_active = Factory(SetUserActive, begin=ports.begin, clock=ports.clock)
    set_workspace_suspended = Factory(SetWorkspaceSuspended, begin=ports.begin, clock=ports.clock)
    grant_administration = Factory(GrantAdministration, begin=ports.begin, clock=ports.clock)
