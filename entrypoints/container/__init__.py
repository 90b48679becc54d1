"""The menu: every use case with what it is given, a page for each context; and the adapters that fill the ports.

Nothing else names an adapter.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Container as Page
from prometheus_client import CollectorRegistry

from adapters.fallback.language_model import FallbackLanguageModels
from adapters.offline.language_model import OfflineLanguageModel
from adapters.postgres.pool import closed_pool, open_pool
from adapters.postgres.statements import Database
from adapters.postgres.versions import heads as migration_heads
from adapters.postgres.versions import pending
from adapters.redis.connection import RedisConnection
from adapters.saq.job_runner import JobRunner, Schedule
from application.conversations.enforce_retention import EnforceRetention
from application.conversations.generate_reply import GenerateReply
from application.jobs.tidy_up import TidyUp
from application.ports.health import Probe
from application.webhooks.deliver_webhook import DeliverWebhook
from domain.pricing import PriceList
from entrypoints.container.activity import Activity
from entrypoints.container.conversations import Conversations
from entrypoints.container.given import given
from entrypoints.container.identity import Identity
from entrypoints.container.jobs import Jobs
from entrypoints.container.language_models import language_models
from entrypoints.container.ports import Ports
from entrypoints.container.scheduling import Scheduling
from entrypoints.container.usage import Usage
from entrypoints.container.webhooks import Webhooks
from entrypoints.container.workspaces import Workspaces
from entrypoints.settings import Settings
from entrypoints.worker.handlers import Handler, handler


def probes(ports: Ports) -> Mapping[str, Probe]:
    """What health looks at."""
    return {"database": ports.database_probe(), "redis": ports.redis_probe(), "worker": ports.worker_probe()}


def handlers(container: "Container") -> Mapping[str, Handler]:
    """The worker's table: which use case does which job."""
    return {
        GenerateReply.type: handler(GenerateReply, container.conversations().generate_reply),
        EnforceRetention.type: handler(EnforceRetention, container.conversations().enforce_retention),
        TidyUp.type: handler(TidyUp, container.jobs().tidy_up),
        DeliverWebhook.type: handler(DeliverWebhook, container.webhooks().deliver_webhook),
    }


class Container(DeclarativeContainer):
    """All pages."""

    ports = given(Ports)

    workspaces = Page(Workspaces, ports=ports)
    scheduling = Page(Scheduling, ports=ports)
    conversations = Page(Conversations, ports=ports)
    webhooks = Page(Webhooks, ports=ports)
    jobs = Page(Jobs, ports=ports, conversations=conversations, webhooks=webhooks)
    activity = Page(Activity, ports=ports)
    usage = Page(Usage, ports=ports)
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
            language_models=language_models(settings, metrics, closing),
            prices=settings.model_prices,
            model_metrics=metrics,
            outbound_allow_private=settings.outbound_allow_private,
        )
        yield Container(ports=ports)


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
        outbound_allow_private=False,
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
        schedules=[
            Schedule(spec=TidyUp(), cron="17 * * * *"),
            Schedule(spec=EnforceRetention(), cron="47 * * * *"),
        ],
        enqueue=jobs.add_scheduled_job(),
        concurrency=settings.worker_concurrency,
        # A receiver that hangs holds its slot for seconds: replies are not to wait for it.
        caps={DeliverWebhook.type: max(1, settings.worker_concurrency // 3)},
        lease=settings.job_lease,
        grace=settings.worker_grace,
        name=name,
    )


__all__ = ["Container", "job_runner", "migrate", "migration_heads", "pending", "probes", "running", "unconnected"]
