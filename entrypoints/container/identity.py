from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.identity.apply_provider_event import ApplyProviderEvent
from application.identity.delete_user import DeleteUser, EndUser
from application.identity.dossier import Dossier
from application.identity.edit_user import EditPreferences, EditUser
from application.identity.ensure_owner import EnsureOwner
from application.identity.export_user import ExportRemover, UserExporter
from application.identity.identify_caller import IdentifyCaller
from application.identity.issue_owner_key import IssueOwnerKey
from application.identity.keys import IssueKey, ListKeys, RevokeKey
from application.identity.read_user import ReadUser
from application.identity.user_export import FetchExport, ReadExport, RequestExport
from application.identity.welcome_user import WelcomeUser
from application.workspaces.seed_demo import SeedDemo
from entrypoints.container.blobs import Blobs
from entrypoints.container.given import given
from entrypoints.container.ports import Ports
from entrypoints.container.scheduling import Scheduling
from entrypoints.container.workspaces import Workspaces


class Identity(DeclarativeContainer):
    """Users, and how they are known."""

    ports = given(Ports)
    blobs = given(Blobs)
    workspaces = given(Workspaces)
    scheduling = given(Scheduling)

    welcome_user = Factory(
        WelcomeUser,
        begin=ports.begin,
        verifier=ports.token_verifier,
        callers=ports.callers,
        open_personal_workspace=workspaces.open_personal_workspace,
        clock=ports.clock,
    )
    identify_caller = Factory(
        IdentifyCaller,
        callers=ports.callers,
        verifier=ports.token_verifier,
        welcome_user=welcome_user,
        sessions=ports.local_sign_in,
    )
    read_user = Factory(ReadUser, views=ports.user_views)
    edit_user = Factory(EditUser, begin=ports.begin, clock=ports.clock)
    edit_preferences = Factory(EditPreferences, begin=ports.begin, clock=ports.clock)
    delete_user = Factory(DeleteUser, begin=ports.begin, clock=ports.clock)
    end_user = Factory(EndUser, begin=ports.begin, clock=ports.clock)
    dossier = Factory(
        Dossier,
        begin=ports.begin,
        members=ports.member_views,
        sessions=ports.session_views,
        keys=ports.key_views,
        messages=ports.message_exports,
        memories=ports.memory_views,
        collections=ports.collection_views,
        activity=ports.activity_views,
        blobs=ports.blob_views,
        read_blob=blobs.read_blob,
        clock=ports.clock,
    )
    export_user = Factory(
        UserExporter,
        begin=ports.begin,
        users=ports.user_views,
        jobs=ports.job_views,
        dossier=dossier,
        write_blob=blobs.write_blob,
        quota=ports.blob_quota,
        clock=ports.clock,
    )
    remove_export = Factory(ExportRemover, begin=ports.begin)
    request_export = Factory(
        RequestExport,
        begin=ports.begin,
        open_personal_workspace=workspaces.open_personal_workspace,
        clock=ports.clock,
    )
    read_export = Factory(ReadExport, workspaces=ports.workspace_views, jobs=ports.job_views, clock=ports.clock)
    fetch_export = Factory(
        FetchExport,
        workspaces=ports.workspace_views,
        jobs=ports.job_views,
        blobs=ports.blob_views,
        read_blob=blobs.read_blob,
        clock=ports.clock,
    )
    issue_key = Factory(IssueKey, begin=ports.begin, clock=ports.clock)
    list_keys = Factory(ListKeys, views=ports.key_views, clock=ports.clock)
    revoke_key = Factory(RevokeKey, begin=ports.begin, clock=ports.clock)
    apply_provider_event = Factory(
        ApplyProviderEvent,
        events=ports.provider_events,
        begin=ports.begin,
        open_personal_workspace=workspaces.open_personal_workspace,
        clock=ports.clock,
    )
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
