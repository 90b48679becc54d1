from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.usage.read_usage import ReadUsage
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Usage(DeclarativeContainer):
    """What models took."""

    ports = given(Ports)

    read_usage = Factory(ReadUsage, views=ports.usage_views, clock=ports.clock)
