from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.secrets.rotate_secrets import RotateSecrets
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Secrets(DeclarativeContainer):
    """What lies sealed."""

    ports = given(Ports)

    rotate_secrets = Factory(RotateSecrets, stored=ports.sealed_secrets, secret_box=ports.secret_box)
