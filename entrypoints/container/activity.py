from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.activity.export_activity import ExportActivity
from application.activity.follow_activity import FollowActivity
from application.activity.list_activity import ListActivity
from application.activity.seal_activity import ActivitySealer
from application.activity.verify_activity import VerifyActivity
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Activity(DeclarativeContainer):
    """What happened."""

    ports = given(Ports)

    list_activity = Factory(ListActivity, views=ports.activity_views)
    follow_activity = Factory(FollowActivity, views=ports.activity_views, bell=ports.bell)
    export_activity = Factory(ExportActivity, views=ports.audit_views)
    seal_activity = Factory(ActivitySealer, log=ports.audit_log, queue=ports.job_queue, clock=ports.clock)
    verify_activity = Factory(VerifyActivity, log=ports.audit_log)
