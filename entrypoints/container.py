"""The menu: every use case with what it is given, a page for each context; and the adapters that fill the ports.

Nothing else names an adapter.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Container as Page
from dependency_injector.providers import DependenciesContainer, Dependency, Dict, Factory, Singleton
from prometheus_client import CollectorRegistry

from adapters.cryptography.secret_box import AesSecretBox
from adapters.fallback.language_model import FallbackLanguageModels
from adapters.memory.rate_limiter import MemoryRateLimiter
from adapters.metered.language_model import MeteredLanguageModel, ModelMetrics
from adapters.offline.language_model import OfflineLanguageModel
from adapters.postgres.activity import PostgresActivityViews
from adapters.postgres.conversation_views import PostgresConversationViews
from adapters.postgres.health import DatabaseProbe, WorkerProbe
from adapters.postgres.idempotency import PostgresIdempotencyKeys
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.job_views import PostgresJobViews
from adapters.postgres.knowledge import PostgresPassageSearch
from adapters.postgres.pool import closed_pool, open_pool
from adapters.postgres.scheduling import PostgresSchedulingViews
from adapters.postgres.statements import Database
from adapters.postgres.token_verifier import PostgresTokenVerifier
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.postgres.versions import heads as migration_heads
from adapters.postgres.versions import pending
from adapters.postgres.workspaces import PostgresWorkspaceViews
from adapters.redis.bell import RedisBell
from adapters.redis.connection import RedisConnection
from adapters.redis.health import RedisProbe
from adapters.redis.rate_limiter import RedisRateLimiter
from adapters.redis.run_log import RedisRunLog
from adapters.retrying.language_model import RetryingLanguageModel
from adapters.saq.job_runner import JobRunner, Schedule
from adapters.system.clock import SystemClock
from application.activity.follow_activity import FollowActivity
from application.activity.list_activity import ListActivity
from application.conversations.cancel_run import CancelRun
from application.conversations.end_abandoned_run import EndAbandonedRun
from application.conversations.erase_conversation import EraseConversation
from application.conversations.follow_conversation import FollowConversation
from application.conversations.generate_reply import GenerateReply, ReplyGenerator
from application.conversations.list_messages import ListMessages
from application.conversations.post_message import PostMessage
from application.conversations.rate_message import RateMessage
from application.conversations.start_conversation import StartConversation
from application.identity.ensure_owner import EnsureOwner
from application.identity.issue_owner_key import IssueOwnerKey
from application.jobs.add_scheduled_job import AddScheduledJob
from application.jobs.cancel_job import CancelJob, EndCancelledJob
from application.jobs.fail_job import FailJob
from application.jobs.finish_job import FinishJob
from application.jobs.follow_job import FollowJob
from application.jobs.read_jobs import ListJobs, ReadJob
from application.jobs.replay_job import ReplayJob
from application.jobs.tidy_up import Tidier, TidyUp
from application.ports.health import Probe
from application.ports.language_model import LanguageModel, LanguageModels
from application.scheduling.activate_connector import ActivateConnector, DeactivateConnector
from application.scheduling.connectors import (
    AddConnector,
    EditConnector,
    ListConnectors,
    ReadConnector,
    RemoveConnector,
)
from application.scheduling.services import (
    AddService,
    EditService,
    ListServices,
    ReadService,
    RemoveService,
    ReorderServices,
)
from application.workspaces.edit_workspace import EditWorkspace
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from application.workspaces.read_public_workspace import ReadPublicWorkspace
from application.workspaces.read_workspace import ReadWorkspace
from application.workspaces.seed_demo import SeedDemo
from domain.models import ModelName, Vendor
from domain.pricing import PriceList
from entrypoints.settings import Settings
from entrypoints.worker.handlers import Handler, handler

if TYPE_CHECKING:
    from httpx2 import AsyncClient

Pages = TypeVar("Pages", bound=DeclarativeContainer)


def given(kind: type[Pages]) -> Pages:  # noqa: ARG001 (it is there for its type)
    """A container that is given later, seen as what it will be."""
    return cast("Pages", DependenciesContainer())


class Ports(DeclarativeContainer):
    """The ports, each with the adapter that fills it; tests give pages a container of the same names."""

    database = Dependency(instance_of=Database)
    database_url = Dependency(instance_of=str)
    redis = Dependency(instance_of=RedisConnection)
    secret_key = Dependency(instance_of=str)
    language_models = cast("Dependency[LanguageModels]", Dependency())  # instance_of takes no protocol
    prices = Dependency(instance_of=PriceList)
    model_metrics = Dependency(instance_of=CollectorRegistry)

    clock = Singleton(SystemClock)
    bell = Singleton(RedisBell, connection=redis)
    begin = Singleton(PostgresUnits, database=database, bell=bell, clock=clock)
    workspace_views = Singleton(PostgresWorkspaceViews, database=database)
    scheduling_views = Singleton(PostgresSchedulingViews, database=database)
    conversation_views = Singleton(PostgresConversationViews, database=database)
    job_views = Singleton(PostgresJobViews, database=database)
    activity_views = Singleton(PostgresActivityViews, database=database)
    passage_search = Singleton(PostgresPassageSearch, database=database)
    job_queue = Singleton(PostgresJobQueue, database=database, bell=bell)
    idempotency_keys = Singleton(PostgresIdempotencyKeys, database=database)
    token_verifier = Singleton(PostgresTokenVerifier, database=database, clock=clock)
    run_log = Singleton(RedisRunLog, connection=redis)
    rate_limiter = Singleton(RedisRateLimiter, connection=redis, fallback=Singleton(MemoryRateLimiter))
    secret_box = Singleton(AesSecretBox, secret_key=secret_key)
    database_probe = Singleton(DatabaseProbe, database=database, url=database_url)
    redis_probe = Singleton(RedisProbe, connection=redis)
    worker_probe = Singleton(WorkerProbe, database=database)


class Workspaces(DeclarativeContainer):
    """Workspaces."""

    ports = given(Ports)

    open_personal_workspace = Factory(
        OpenPersonalWorkspace, begin=ports.begin, views=ports.workspace_views, clock=ports.clock
    )
    read_workspace = Factory(ReadWorkspace, views=ports.workspace_views)
    read_public_workspace = Factory(ReadPublicWorkspace, views=ports.workspace_views)
    edit_workspace = Factory(EditWorkspace, begin=ports.begin, models=ports.language_models, clock=ports.clock)


class Scheduling(DeclarativeContainer):
    """Services and connectors."""

    ports = given(Ports)

    list_services = Factory(ListServices, views=ports.scheduling_views)
    read_service = Factory(ReadService, views=ports.scheduling_views)
    add_service = Factory(AddService, begin=ports.begin, clock=ports.clock)
    edit_service = Factory(EditService, begin=ports.begin, clock=ports.clock)
    remove_service = Factory(RemoveService, begin=ports.begin, clock=ports.clock)
    reorder_services = Factory(ReorderServices, begin=ports.begin, clock=ports.clock)
    list_connectors = Factory(ListConnectors, views=ports.scheduling_views)
    read_connector = Factory(ReadConnector, views=ports.scheduling_views)
    add_connector = Factory(AddConnector, begin=ports.begin, secret_box=ports.secret_box, clock=ports.clock)
    edit_connector = Factory(EditConnector, begin=ports.begin, secret_box=ports.secret_box, clock=ports.clock)
    remove_connector = Factory(RemoveConnector, begin=ports.begin, clock=ports.clock)
    activate_connector = Factory(ActivateConnector, begin=ports.begin, clock=ports.clock)
    deactivate_connector = Factory(DeactivateConnector, begin=ports.begin, clock=ports.clock)


class Conversations(DeclarativeContainer):
    """Conversations, and the replies in them."""

    ports = given(Ports)

    start_conversation = Factory(
        StartConversation, begin=ports.begin, workspaces=ports.workspace_views, clock=ports.clock
    )
    post_message = Factory(PostMessage, begin=ports.begin, clock=ports.clock)
    list_messages = Factory(ListMessages, views=ports.conversation_views)
    follow_conversation = Factory(
        FollowConversation, views=ports.conversation_views, log=ports.run_log, bell=ports.bell
    )
    cancel_run = Factory(CancelRun, begin=ports.begin, clock=ports.clock)
    rate_message = Factory(RateMessage, begin=ports.begin, clock=ports.clock)
    erase_conversation = Factory(
        EraseConversation,
        begin=ports.begin,
        views=ports.conversation_views,
        log=ports.run_log,
        clock=ports.clock,
    )
    generate_reply = Factory(
        ReplyGenerator,
        begin=ports.begin,
        views=ports.conversation_views,
        search=ports.passage_search,
        models=ports.language_models,
        prices=ports.prices,
        log=ports.run_log,
        clock=ports.clock,
    )
    end_abandoned_run = Factory(EndAbandonedRun, clock=ports.clock)


class Jobs(DeclarativeContainer):
    """Jobs; `burials` is what the death of each type leaves behind."""

    ports = given(Ports)
    conversations = given(Conversations)

    burials = Dict({GenerateReply.type: conversations.end_abandoned_run})
    list_jobs = Factory(ListJobs, views=ports.job_views)
    read_job = Factory(ReadJob, views=ports.job_views)
    follow_job = Factory(FollowJob, read_job=read_job, bell=ports.bell)
    cancel_job = Factory(CancelJob, begin=ports.begin, views=ports.job_views, burials=burials, clock=ports.clock)
    replay_job = Factory(ReplayJob, begin=ports.begin, views=ports.job_views, burials=burials, clock=ports.clock)
    fail_job = Factory(FailJob, begin=ports.begin, burials=burials, clock=ports.clock)
    end_cancelled_job = Factory(EndCancelledJob, begin=ports.begin, burials=burials, clock=ports.clock)
    finish_job = Factory(FinishJob, begin=ports.begin)
    add_scheduled_job = Factory(AddScheduledJob, begin=ports.begin)
    tidy_up = Factory(Tidier, keys=ports.idempotency_keys, clock=ports.clock)


class Activity(DeclarativeContainer):
    """What happened."""

    ports = given(Ports)

    list_activity = Factory(ListActivity, views=ports.activity_views)
    follow_activity = Factory(FollowActivity, views=ports.activity_views, bell=ports.bell)


class Identity(DeclarativeContainer):
    """The owner, at the first start."""

    ports = given(Ports)
    workspaces = given(Workspaces)
    scheduling = given(Scheduling)

    ensure_owner = Factory(
        EnsureOwner,
        begin=ports.begin,
        open_personal_workspace=workspaces.open_personal_workspace,
        clock=ports.clock,
    )
    issue_owner_key = Factory(IssueOwnerKey, begin=ports.begin, clock=ports.clock)
    seed_demo = Factory(
        SeedDemo,
        views=ports.scheduling_views,
        add_service=scheduling.add_service,
        add_connector=scheduling.add_connector,
        edit_workspace=workspaces.edit_workspace,
    )


def probes(ports: Ports) -> Mapping[str, Probe]:
    """What health looks at."""
    return {"database": ports.database_probe(), "redis": ports.redis_probe(), "worker": ports.worker_probe()}


def handlers(container: "Container") -> Mapping[str, Handler]:
    """The worker's table: which use case does which job."""
    return {
        GenerateReply.type: handler(GenerateReply, container.conversations().generate_reply),
        TidyUp.type: handler(TidyUp, container.jobs().tidy_up),
    }


class Container(DeclarativeContainer):
    """All pages."""

    ports = given(Ports)

    workspaces = Page(Workspaces, ports=ports)
    scheduling = Page(Scheduling, ports=ports)
    conversations = Page(Conversations, ports=ports)
    jobs = Page(Jobs, ports=ports, conversations=conversations)
    activity = Page(Activity, ports=ports)
    identity = Page(Identity, ports=ports, workspaces=workspaces, scheduling=scheduling)


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[Container]:
    """All pages over the servers that the settings name, connected while the block lasts."""
    url, size = str(settings.database_url), settings.database_pool_size
    async with (
        open_pool(url, size, prepared=settings.db_prepared_statements) as pool,
        RedisConnection(str(settings.redis_url)) as redis,
        AsyncExitStack() as closing,
    ):
        metrics = CollectorRegistry()
        ports = Ports(
            database=Database(pool),
            database_url=url,
            redis=redis,
            secret_key=settings.secret_key,
            language_models=_language_models(settings, metrics, closing),
            prices=settings.model_prices,
            model_metrics=metrics,
        )
        yield Container(ports=ports)


def _language_models(settings: Settings, metrics: CollectorRegistry, closing: AsyncExitStack) -> LanguageModels:
    """The configured models; vendors' SDKs are imported, and connections made, once the first is asked."""
    return FallbackLanguageModels(
        [str(name) for name in settings.llm_chain],
        lambda: _made(settings, ModelMetrics(metrics), closing),
        first_token_timeout=settings.llm_first_token_timeout.total_seconds(),
    )


def _made(settings: Settings, metrics: ModelMetrics, closing: AsyncExitStack) -> Sequence[LanguageModel]:
    if all(name.vendor is Vendor.OFFLINE for name in settings.llm_chain):
        return [OfflineLanguageModel()]
    from adapters.httpx2.client import vendor_client  # noqa: PLC0415 (an extra, imported only when configured)

    http = vendor_client(silence=settings.llm_silence_timeout.total_seconds())
    closing.push_async_callback(http.aclose)
    models = [_vendor_model(name, settings, http) for name in settings.llm_chain]
    return [RetryingLanguageModel(MeteredLanguageModel(model, metrics)) for model in models]


def _vendor_model(name: ModelName, settings: Settings, http: "AsyncClient") -> LanguageModel:
    match name.vendor:
        case Vendor.OFFLINE:
            return OfflineLanguageModel()
        case Vendor.ANTHROPIC:
            from adapters.anthropic.language_model import AnthropicLanguageModel  # noqa: PLC0415 (the same)

            key = settings.anthropic_api_key or ""
            return AnthropicLanguageModel(name.model, http=http, api_key=key, max_tokens=settings.llm_max_tokens)
        case Vendor.OPENAI | Vendor.GROQ:
            from adapters.openai.language_model import OpenAILanguageModel  # noqa: PLC0415 (the same)

            ours = name.vendor is Vendor.OPENAI
            return OpenAILanguageModel(
                name.vendor,
                name.model,
                http=http,
                api_key=settings.openai_api_key if ours else settings.groq_api_key,
                base_url=settings.llm_base_url if ours else None,
                temperature=settings.model_temperature,
            )


def migrate(database_url: str, wait_seconds: float = 0) -> None:
    """Brings the schema to the newest version, as `adapters.postgres.migrate.migrate` promises."""
    from adapters.postgres import migrate as migrations  # noqa: PLC0415 (starts with nothing to migrate need no Alembic)

    migrations.migrate(database_url, wait_seconds)


def unconnected() -> Container:
    """All pages over servers that do not exist: to describe what there is, not to call it."""
    database, offline = Database(closed_pool()), OfflineLanguageModel()
    ports = Ports(
        database=database,
        database_url="",
        redis=RedisConnection("unix:///"),
        secret_key="",
        language_models=FallbackLanguageModels([offline.name], lambda: [offline]),
        prices=PriceList(),
        model_metrics=CollectorRegistry(),
    )
    return Container(ports=ports)


def job_runner(container: Container, settings: Settings, name: str) -> JobRunner:
    """What runs jobs in this process; `name` tells workers apart."""
    ports, jobs = container.ports, container.jobs()
    ports.language_models().choose(None)  # makes the models now: importing an SDK would hold the first jobs up
    return JobRunner(
        queue=ports.job_queue(),
        bell=ports.bell(),
        clock=ports.clock(),
        handlers=handlers(container),
        on_failure=jobs.fail_job(),
        on_cancelled=jobs.end_cancelled_job(),
        on_success=jobs.finish_job(),
        schedules=[Schedule(spec=TidyUp(), cron="17 * * * *")],
        enqueue=jobs.add_scheduled_job(),
        concurrency=settings.worker_concurrency,
        lease=settings.job_lease,
        grace=settings.worker_grace,
        name=name,
    )


__all__ = ["Container", "job_runner", "migrate", "migration_heads", "pending", "probes", "running", "unconnected"]
