import socket
from contextlib import closing

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from entrypoints.settings import SettingsError
from entrypoints.worker.metrics import served
from tests.processes import free_port


def test_prometheus_reads_the_registry_while_the_block_lasts() -> None:
    registry, port = CollectorRegistry(), free_port()
    Counter("language_model_answers", "Answers.", registry=registry).inc()
    with served(registry, "127.0.0.1", port):
        told = httpx.get(f"http://127.0.0.1:{port}/metrics")
    assert "language_model_answers_total 1.0" in told.text
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")


def test_without_a_port_nothing_is_served() -> None:
    with served(CollectorRegistry(), "no address at all", None):
        pass


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SettingsError, match=rf"port {port}: Address already in use\. Set WORKER_METRICS_PORT"),
            served(CollectorRegistry(), "127.0.0.1", port),
        ):
            pass
