from collections.abc import Callable
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from entrypoints.http.edge.opts import ANONYMOUS, UNLIMITED

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """What Prometheus reads of one application; each has a registry of its own."""

    def __init__(self, open_streams: Callable[[], int]) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        labels = ("method", "route", "status")
        self._requests = Counter("http_requests", "Requests answered.", labels, registry=self.registry)
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time to answer a request; event streams are left out.",
            labels,
            registry=self.registry,
            buckets=_BUCKETS,
        )
        streams = Gauge("http_open_streams", "Event streams open in this process.", registry=self.registry)
        streams.set_function(open_streams)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """One more answer of `route`, a template, never a path; `seconds` is None for a stream."""
        labels = (method if method in _METHODS else "other", route, str(status))
        self._requests.labels(*labels).inc()
        if seconds is not None:
            self._seconds.labels(*labels).observe(seconds)

    def route(self) -> HTTPRouteHandler:
        """`GET /metrics`."""

        @get(
            "/metrics",
            include_in_schema=False,
            opt={"permission": "anyone", ANONYMOUS: True, UNLIMITED: True},
            sync_to_thread=False,
        )
        def metrics() -> Response[Any]:
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return metrics
