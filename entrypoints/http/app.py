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
from application.identity.begin_sign_up import SignUpBegun
from application.identity.keys import IssuedKey
from application.identity.open_session import SignedIn
from application.ports.collections import CollectionView
from application.ports.conversation_lists import ConversationView
from application.ports.conversations import MessageView
from application.ports.health import Probe
from application.ports.invites import InviteView
from application.ports.language_model import LanguageModels
from application.ports.memories import MemoryView
from application.ports.scheduling import ConnectorView, ServiceView
from application.ports.webhooks import WebhookView
from application.ports.workspaces import WorkspaceView
from domain.conversations import MessageRole
from entrypoints.container import Container, probes
from entrypoints.http import (
    account_pages,
    activity,
    assets,
    audit,
    chat_pages,
    clerk,
    collections,
    conversations,
    desk_page,
    documents,
    exports,
    health,
    inbound,
    instance,
    invites,
    jobs,
    keys,
    members,
    memories,
    memory_files,
    memory_upkeep,
    pages,
    pictures,
    previews,
    public_chat,
    runs,
    scheduling,
    search,
    sessions,
    sign_in,
    statistics,
    unanswered,
    usage,
    user_exports,
    users,
    webhooks,
    workspaces,
)
from entrypoints.http.edge.application import Application, Needs, Options, build_app
from entrypoints.http.edge.docs import schema
from entrypoints.http.edge.limits import Limits
from entrypoints.http.edge.responses import Renderer
from entrypoints.http.health import Checkup
from entrypoints.http.pages import VERSION
from entrypoints.settings import AuthMode, Settings

API = "/api/v1"
_LARGEST_WORKSPACE = 7_000_000  # bytes of JSON, which may write 1 MiB of knowledge in six times its size

RENDERER = Renderer(
    {
        WorkspaceView: lambda view: f"{API}/workspaces/{view.id}",
        ServiceView: lambda view: f"{API}/services/{view.id}",
        MemoryView: lambda view: f"{API}/memories/{view.id}",
        CollectionView: lambda view: f"{API}/collections/{view.id}",
        ConnectorView: lambda view: f"{API}/connectors/{view.id}",
        StartedConversation: lambda view: f"{API}/public/conversations/{view.conversation_id}/messages",
        PostedMessage: lambda view: _messages(view.message),
        ReceivedMessage: lambda view: f"{API}/conversations/{view.message.conversation_id}/messages",
        SignUpBegun: lambda _: f"{API}/users/me",  # once they are one
        SignedIn: lambda _: f"{API}/users/me",
        RetriedRun: lambda view: f"{API}/runs/{view.run.id}",
        IssuedKey: lambda view: f"{API}/workspaces/{view.key.workspace_id}/api-keys",
        InviteView: lambda view: f"{API}/workspaces/{view.workspace_id}/invites",
        ConversationView: lambda view: f"{API}/conversations/{view.id}",
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
            route_handlers=[*members.ROUTES, *invites.ROUTES],
            dependencies=dependencies(container.workspaces()),
            tags=["Members"],
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
        Router(
            API,
            route_handlers=[*users.ROUTES, *user_exports.ROUTES, *keys.ROUTES, *clerk.ROUTES],
            dependencies=dependencies(container.identity()),
            tags=["Identity"],
        ),
        Router(
            API,
            route_handlers=[*sign_in.ROUTES, *sessions.ROUTES],
            dependencies={
                **dependencies(container.sign_in()),
                "client": Provide(sessions.provide_client, sync_to_thread=False),
            },
            guards=[] if AuthMode.LOCAL in settings.auth_mode else [sign_in.refuse_local_sign_in],
            request_max_body_size=min(settings.max_body_bytes, sign_in.LARGEST_BODY),
            tags=["Sign-in"],
        ),
        Router(
            API, route_handlers=documents.ROUTES, dependencies=dependencies(container.documents()), tags=["Documents"]
        ),
        Router(API, route_handlers=pictures.ROUTES, dependencies=dependencies(container.pictures()), tags=["Pictures"]),
        Router(API, route_handlers=instance.ROUTES, dependencies=dependencies(container.instance()), tags=["Instance"]),
        Router(API, route_handlers=webhooks.ROUTES, dependencies=dependencies(container.webhooks()), tags=["Webhooks"]),
        Router(API, route_handlers=jobs.ROUTES, dependencies=dependencies(container.jobs()), tags=["Jobs"]),
        Router(
            API,
            route_handlers=[*activity.ROUTES, *audit.ROUTES],
            dependencies=dependencies(container.activity()),
            tags=["Activity"],
        ),
        Router(
            API,
            route_handlers=[*memories.ROUTES, *memory_files.ROUTES, *memory_upkeep.ROUTES, *collections.ROUTES],
            dependencies=dependencies(container.memories()),
            tags=["Memories"],
        ),
        Router(API, route_handlers=search.ROUTES, dependencies=dependencies(container.knowledge()), tags=["Search"]),
        Router(API, route_handlers=usage.ROUTES, dependencies=dependencies(container.usage()), tags=["Usage"]),
        Router("/", route_handlers=health.ROUTES, dependencies=_checkup(container), tags=["Health"]),
        Router("/", route_handlers=[*pages.ROUTES, *assets.ROUTES]),
        Router("/", route_handlers=[*account_pages.ROUTES, *desk_page.ROUTES], dependencies=_sign_in_offer(settings)),
        Router("/", route_handlers=chat_pages.ROUTES, dependencies=dependencies(container.workspaces())),
    ]
    ports = container.ports
    needs = Needs(
        identify=container.identity().identify_caller(),
        keys=ports.idempotency_keys(),
        box=ports.secret_box(),
        clock=ports.clock(),
        limiter=ports.rate_limiter(),
        bell=ports.bell(),
    )
    return build_app(routers, needs=needs, renderer=RENDERER, options=_options(settings))


def dependencies(page: DeclarativeContainer) -> dict[str, Provide]:
    """Each use case of a container's page as a dependency of its name, made anew for each request."""
    return {name: _provide(make) for name, make in page.providers.items() if isinstance(make, Factory)}


def _provide(make: Factory[Any]) -> Provide:
    return Provide(lambda: make(), sync_to_thread=False)  # noqa: PLW0108 (Litestar cannot read a provider's signature)


def _sign_in_offer(settings: Settings) -> dict[str, Provide]:
    password = AuthMode.LOCAL in settings.auth_mode
    offer = account_pages.SignInOffer(password=password, sign_up=settings.signup)
    return {"sign_in_offer": Provide(lambda: offer, sync_to_thread=False)}


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
