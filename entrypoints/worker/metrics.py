from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from entrypoints.settings import SettingsError


@contextmanager
def served(registry: CollectorRegistry, host: str, port: int | None) -> Generator[None]:
    """Prometheus reads the registry at `/metrics` there while the block lasts; nowhere without a port.

    Raises:
        SettingsError: the port cannot be listened on.
    """
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise SettingsError(
            f"A worker cannot serve metrics on {host}, port {port}: {error.strerror or error}. "
            "Set WORKER_METRICS_PORT to another for each worker of this machine, or unset it."
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
