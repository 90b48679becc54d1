from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler, Receive, Scope, Send
from typing_extensions import override

from application.ports.bell import Bell
from application.ports.clock import Clock
from application.ports.idempotency import IdempotencyKeys
from application.ports.rate_limiter import RateLimiter
from application.ports.secret_box import SecretBox
from entrypoints.http.edge import docs, problems
from entrypoints.http.edge.access import Access
from entrypoints.http.edge.addresses import ClientAddresses, Network
from entrypoints.http.edge.cors import Cors
from entrypoints.http.edge.etags import expected_version
from entrypoints.http.edge.idempotency import Idempotency
from entrypoints.http.edge.identification import Identification, Identify, provide_address, provide_caller
from entrypoints.http.edge.limits import Limiting, Limits, StreamSlots
from entrypoints.http.edge.metrics import Metrics
from entrypoints.http.edge.outermost import Outermost
from entrypoints.http.edge.requests import Request
from entrypoints.http.edge.responses import Renderer, response_class
from entrypoints.http.edge.strangers import Strangers
from entrypoints.http.edge.streams import PING_SECONDS, OpenStreams


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the edge asks of the application."""

    identify: Identify
    keys: IdempotencyKeys
    box: SecretBox
    clock: Clock
    limiter: RateLimiter
    bell: Bell


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the edge is set up; each is a setting of its name.

    Attributes:
        limit_streams: open at once per address in this process; None is any number.
        max_body_bytes: of a request, unless a route says `request_max_body_size`.
        version: of the product, shown in the API's description.
    """

    limits: Limits = field(default_factory=Limits)
    limit_streams: int | None = 200
    max_body_bytes: int = 2_097_152
    cors_origins: Collection[str] = ()
    trusted_proxies: Sequence[Network] = ()
    ping_seconds: float = PING_SECONDS
    version: str = "0"


class Application(Litestar):
    """Litestar within the `Outermost`, which its own middleware cannot be: that sees only what a route serves."""

    outermost: Outermost | None = None

    @override
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.outermost is None or scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        else:
            await self.outermost(scope, receive, send)

    async def route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the request by Litestar alone."""
        await super().__call__(scope, receive, send)


def build_app(
    route_handlers: Sequence[ControllerRouterHandler],
    *,
    needs: Needs,
    renderer: Renderer,
    options: Options | None = None,
    **litestar: Any,
) -> Application:
    """An application whose routes have the edge around them; `litestar` is passed on (`lifespan`, `dependencies`, …).

    Handlers may ask for `caller`, `address` and `expected_version`. `/metrics`, `/api/v1/openapi.json` and
    `/api/v1/docs` are there; `state.open_streams` holds the streams.
    """
    options = options or Options()
    streams = OpenStreams(StreamSlots(options.limit_streams), options.ping_seconds)
    metrics = Metrics(lambda: len(streams))
    app = Application(
        route_handlers=[*route_handlers, metrics.route(), *docs.routes(options.version)],
        dependencies={
            "caller": Provide(provide_caller, sync_to_thread=False),
            "address": Provide(provide_address, sync_to_thread=False),
            "expected_version": Provide(expected_version, sync_to_thread=False),
            **litestar.pop("dependencies", {}),
        },
        middleware=[
            Identification(needs.identify, Strangers(needs.limiter, options.limits)),
            Idempotency(needs.keys, needs.box, needs.clock, renderer),
            Limiting(needs.limiter, options.limits),
        ],
        exception_handlers=problems.handlers(),
        request_class=Request,
        response_class=response_class(renderer),
        request_max_body_size=options.max_body_bytes,
        state=State({"open_streams": streams, "access": Access(needs.bell)}),
        logging_config=None,
        openapi_config=None,
        debug=False,
        **litestar,
    )
    _one_after_the_other(app)
    app.outermost = Outermost(
        app.route,
        addresses=ClientAddresses(options.trusted_proxies),
        cors=Cors(options.cors_origins),
        metrics=metrics,
    )
    return app


def _one_after_the_other(app: Litestar) -> None:
    """Has a route's dependencies made so: Litestar makes a task for each, and ours have nothing to wait for."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in route.route_handler_map.values():
                model.dependency_batches = [{each} for batch in model.dependency_batches for each in batch]
