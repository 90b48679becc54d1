from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from application.workspaces.accept_invite import AcceptInvite, LookAtInvite
from application.workspaces.create_workspace import CreateWorkspace
from application.workspaces.delete_workspace import DeleteWorkspace
from application.workspaces.edit_workspace import EditWorkspace
from application.workspaces.invite_limit import InviteLimit
from application.workspaces.invites import InviteMember, ListInvites, ResendInvite, RevokeInvite
from application.workspaces.list_workspaces import ListWorkspaces
from application.workspaces.members import ChangeRole, LeaveWorkspace, ListMembers, RemoveMember, TransferWorkspace
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from application.workspaces.read_chat_page import ReadChatPage
from application.workspaces.read_my_workspace import ReadMyWorkspace
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
    read_my_workspace = Factory(ReadMyWorkspace, open_personal_workspace=open_personal_workspace)
    read_workspace = Factory(ReadWorkspace, views=ports.workspace_views)
    read_public_workspace = Factory(ReadPublicWorkspace, views=ports.workspace_views)
    read_chat_page = Factory(ReadChatPage, views=ports.workspace_views)
    edit_workspace = Factory(EditWorkspace, begin=ports.begin, models=ports.language_models, clock=ports.clock)
    create_workspace = Factory(CreateWorkspace, begin=ports.begin, clock=ports.clock)
    list_workspaces = Factory(ListWorkspaces, views=ports.member_views)
    delete_workspace = Factory(DeleteWorkspace, begin=ports.begin, clock=ports.clock)
    list_members = Factory(ListMembers, views=ports.member_views)
    change_role = Factory(ChangeRole, begin=ports.begin, clock=ports.clock)
    remove_member = Factory(RemoveMember, begin=ports.begin, clock=ports.clock)
    leave_workspace = Factory(LeaveWorkspace, begin=ports.begin, clock=ports.clock)
    transfer_workspace = Factory(TransferWorkspace, begin=ports.begin, clock=ports.clock)
    list_invites = Factory(ListInvites, views=ports.invite_views)
    invite_limit = Singleton(InviteLimit, limiter=ports.rate_limiter)
    invite_member = Factory(
        InviteMember, begin=ports.begin, secret_box=ports.secret_box, limit=invite_limit, clock=ports.clock
    )
    resend_invite = Factory(
        ResendInvite, begin=ports.begin, secret_box=ports.secret_box, limit=invite_limit, clock=ports.clock
    )
    revoke_invite = Factory(RevokeInvite, begin=ports.begin, clock=ports.clock)
    accept_invite = Factory(AcceptInvite, begin=ports.begin, clock=ports.clock)
    look_at_invite = Factory(LookAtInvite, begin=ports.begin, clock=ports.clock)
