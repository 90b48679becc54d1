from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.workspaces.edit_workspace import EditWorkspace
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from application.workspaces.read_chat_page import ReadChatPage
from application.workspaces.read_public_workspace import ReadPublicWorkspace
from application.workspaces.read_workspace import ReadWorkspace
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Workspaces(DeclarativeContainer):
    """Workspaces."""

    ports = given(Ports)

    open_personal_workspace = Factory(
        OpenPersonalWorkspace, begin=ports.begin, views=ports.workspace_views, clock=ports.clock
    )
    read_workspace = Factory(ReadWorkspace, views=ports.workspace_views)
    read_public_workspace = Factory(ReadPublicWorkspace, views=ports.workspace_views)
    read_chat_page = Factory(ReadChatPage, views=ports.workspace_views)
    edit_workspace = Factory(EditWorkspace, begin=ports.begin, models=ports.language_models, clock=ports.clock)
