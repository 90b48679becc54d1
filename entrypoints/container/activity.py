from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.activity.follow_activity import FollowActivity
from application.activity.list_activity import ListActivity
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Activity(DeclarativeContainer):
    """What happened."""

    ports = given(Ports)

    list_activity = Factory(ListActivity, views=ports.activity_views)
    follow_activity = Factory(FollowActivity, views=ports.activity_views, bell=ports.bell)
