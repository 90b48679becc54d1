import json
from typing import Any

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory
from litestar import Router
from litestar.di import Provide

from application.conversations.post_message import PostedMessage
from application.conversations.receive_message import ReceivedMessage
from application.conversations.retry_run import RetriedRun
from application.conversations.start_conversation import StartedConversation
from application.ports.conversations import MessageView
from application.ports.health import Probe
from application.ports.language_model import LanguageModels
from application.ports.scheduling import ConnectorView, ServiceView
from application.ports.webhooks import WebhookView
from domain.conversations import MessageRole
from entrypoints.container import Container, probes
from entrypoints.http import (
    activity,
    assets,
    chat_pages,
    conversations,
    desk_page,
    exports,
    health,
    inbound,
    jobs,
    pages,
    previews,
    public_chat,
    runs,
    scheduling,
    statistics,
    unanswered,
    usage,
    webhooks,
    workspaces,
)
from entrypoints.http.edge.application import Application, Needs, Options, build_app
from entrypoints.http.edge.docs import schema
from entrypoints.http.edge.limits import Limits
from entrypoints.http.edge.responses import Renderer
from entrypoints.http.health import Checkup
from entrypoints.http.pages import VERSION
from entrypoints.settings import Settings

API = "/api/v1"
_LARGEST_WORKSPACE = 7_000_000  # bytes of JSON, which may write 1 MiB of knowledge in six times its size

RENDERER = Renderer(
    {
        ServiceView: lambda view: f"{API}/services/{view.id}",
        ConnectorView: lambda view: f"{API}/connectors/{view.id}",
        StartedConversation: lambda view: f"{API}/public/conversations/{view.conversation_id}/messages",
        PostedMessage: lambda view: _messages(view.message),
        ReceivedMessage: lambda view: f"{API}/conversations/{view.message.conversation_id}/messages",
        RetriedRun: lambda view: f"{API}/runs/{view.run.id}",
        WebhookView: lambda view: f"{API}/workspaces/{view.workspace_id}/webhook",
    }
)


def _messages(said: MessageView) -> str:
    side = "public/" if said.role is MessageRole.VISITOR else ""
    return f"{API}/{side}conversations/{said.conversation_id}/messages"


def build(container: Container, settings: Settings) -> Application:
    """The application: the routes of all contexts over the use cases of `container`."""
    routers = [
        Router(
            API,
            route_handlers=workspaces.ROUTES,
            dependencies=dependencies(container.workspaces()),
            request_max_body_size=max(settings.max_body_bytes, _LARGEST_WORKSPACE),
            tags=["Workspaces"],
        ),
        Router(
            API,
            route_handlers=scheduling.ROUTES,
            dependencies=dependencies(container.scheduling()),
            tags=["Scheduling"],
        ),
        Router(
            API,
            route_handlers=public_chat.ROUTES,
            dependencies=dependencies(container.conversations()),
            tags=["Public chat"],
        ),
        Router(
            API,
            route_handlers=[
                *conversations.ROUTES,
                *runs.ROUTES,
                *exports.ROUTES,
                *statistics.ROUTES,
                *unanswered.ROUTES,
                *inbound.ROUTES,
            ],
            dependencies=dependencies(container.conversations()),
            tags=["Conversations"],
        ),
        Router(
            API,
            route_handlers=previews.ROUTES,
            dependencies=dependencies(container.conversations()),
            request_max_body_size=max(settings.max_body_bytes, _LARGEST_WORKSPACE),
            tags=["Workspaces"],
        ),
        Router(API, route_handlers=webhooks.ROUTES, dependencies=dependencies(container.webhooks()), tags=["Webhooks"]),
        Router(API, route_handlers=jobs.ROUTES, dependencies=dependencies(container.jobs()), tags=["Jobs"]),
        Router(API, route_handlers=activity.ROUTES, dependencies=dependencies(container.activity()), tags=["Activity"]),
        Router(API, route_handlers=usage.ROUTES, dependencies=dependencies(container.usage()), tags=["Usage"]),
        Router("/", route_handlers=health.ROUTES, dependencies=_checkup(container), tags=["Health"]),
        Router("/", route_handlers=[*pages.ROUTES, *desk_page.ROUTES, *assets.ROUTES]),
        Router("/", route_handlers=chat_pages.ROUTES, dependencies=dependencies(container.workspaces())),
    ]
    ports = container.ports
    needs = Needs(
        verifier=ports.token_verifier(),
        keys=ports.idempotency_keys(),
        box=ports.secret_box(),
        clock=ports.clock(),
        limiter=ports.rate_limiter(),
    )
    return build_app(routers, needs=needs, renderer=RENDERER, options=_options(settings))


def dependencies(page: DeclarativeContainer) -> dict[str, Provide]:
    """Each use case of a container's page as a dependency of its name, made anew for each request."""
    return {name: _provide(make) for name, make in page.providers.items() if isinstance(make, Factory)}


def _provide(make: Factory[Any]) -> Provide:
    return Provide(lambda: make(), sync_to_thread=False)  # noqa: PLW0108 (Litestar cannot read a provider's signature)


def _checkup(container: Container) -> dict[str, Provide]:
    ports = container.ports
    looked_at = {**probes(ports), "model": _ModelProbe(ports.language_models())}
    checkup = Checkup(looked_at, VERSION, ports.clock())
    return {"checkup": Provide(lambda: checkup, sync_to_thread=False)}


class _ModelProbe(Probe):
    """Which models answer; asking them costs money, so they are not asked."""

    def __init__(self, models: LanguageModels) -> None:
        self._models = models

    async def check(self) -> str | None:
        return ", then ".join(self._models.names)


def _options(settings: Settings) -> Options:
    return Options(
        limits=Limits(
            public_writes=settings.limit_public_writes,
            reads=settings.limit_reads,
            conversation=settings.limit_conversation,
        ),
        limit_streams=settings.limit_streams,
        max_body_bytes=settings.max_body_bytes,
        cors_origins=settings.cors_origins,
        trusted_proxies=settings.trusted_proxies,
        version=VERSION,
    )


def openapi_document(container: Container, settings: Settings) -> str:
    """The API's description as it is committed: sorted and indented, so that a change of the API is seen in review."""
    return json.dumps(schema(build(container, settings), VERSION), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
