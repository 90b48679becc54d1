"""The menu: every use case with what it is given, a page for each context; and the adapters that fill the ports.

Nothing else names an adapter.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Container as Page
from dependency_injector.providers import Object, Singleton
from prometheus_client import CollectorRegistry

from adapters.combined.token_verifier import CombinedTokenVerifier
from adapters.console.mailer import ConsoleMailer
from adapters.fallback.language_model import FallbackLanguageModels
from adapters.memory.provider_events import MemoryProviderEvents
from adapters.offline.embedder import OfflineEmbedder
from adapters.offline.language_model import OfflineLanguageModel
from adapters.postgres.blob_store import PostgresBlobStore
from adapters.postgres.pool import closed_pool, open_pool
from adapters.postgres.statements import Database
from adapters.postgres.versions import heads as migration_heads
from adapters.postgres.versions import pending
from adapters.redis.connection import RedisConnection
from adapters.saq.job_runner import JobRunner, Schedule
from application.activity.seal_activity import SealActivity
from application.blobs.collect_blobs import CollectBlobs
from application.conversations.announce_visitor import AnnounceVisitor
from application.conversations.enforce_retention import EnforceRetention
from application.conversations.generate_reply import GenerateReply
from application.conversations.index_conversations import IndexConversations
from application.documents.index_document import IndexDocument
from application.identity.export_user import ExportUser, RemoveExport
from application.identity.send_recovery_letter import SendRecoveryLetter
from application.identity.send_sign_up_letter import SendSignUpLetter
from application.jobs.announce_death import AnnounceDeath
from application.jobs.tidy_up import TidyUp
from application.knowledge.embed_missing import EmbedMissing
from application.knowledge.embed_passages import EmbedPassages
from application.knowledge.index_vectors import IndexVectors
from application.knowledge.restem import Restem
from application.mail.send_mail import SendMail
from application.memories.link_similar import LinkSimilar
from application.memories.prune_memories import PruneMemories
from application.memories.rebuild_profile import RebuildProfile
from application.memories.remember_conversation import RememberConversation
from application.memories.retention import RedateMemories
from application.ports.health import Probe
from application.webhooks.deliver_webhook import DeliverWebhook
from domain.blobs import Quota
from domain.identity import SessionLife, SignUp
from domain.pricing import PriceList
from entrypoints.container.activity import Activity
from entrypoints.container.blob_stores import blob_store
from entrypoints.container.blob_stores import directory as blob_directory
from entrypoints.container.blobs import Blobs
from entrypoints.container.conversations import Conversations
from entrypoints.container.documents import Documents
from entrypoints.container.embedders import embedder
from entrypoints.container.given import given
from entrypoints.container.identity import Identity
from entrypoints.container.instance import Instance
from entrypoints.container.jobs import Jobs
from entrypoints.container.knowledge import Knowledge
from entrypoints.container.language_models import language_models
from entrypoints.container.mail import Mail
from entrypoints.container.mailers import letters, mailer
from entrypoints.container.memories import Memories
from entrypoints.container.pictures import Pictures
from entrypoints.container.ports import Ports
from entrypoints.container.scheduling import Scheduling
from entrypoints.container.secrets import Secrets
from entrypoints.container.sign_in import SignIn
from entrypoints.container.token_verifiers import provider_events, published_keys, token_verifier
from entrypoints.container.usage import Usage
from entrypoints.container.webhooks import Webhooks
from entrypoints.container.workspaces import Workspaces
from entrypoints.settings import AuthMode, Settings
from entrypoints.worker.handlers import Handler, handler


def probes(ports: Ports) -> Mapping[str, Probe]:
    """What health looks at."""
    return {"database": ports.database_probe(), "redis": ports.redis_probe(), "worker": ports.worker_probe()}


def handlers(container: "Container") -> Mapping[str, Handler]:
    """The worker's table: which use case does which job."""
    return {
        GenerateReply.type: handler(GenerateReply, container.conversations().generate_reply),
        AnnounceVisitor.type: handler(AnnounceVisitor, container.conversations().announce_visitor),
        AnnounceDeath.type: handler(AnnounceDeath, container.jobs().announce_death),
        ExportUser.type: handler(ExportUser, container.identity().export_user),
        RemoveExport.type: handler(RemoveExport, container.identity().remove_export),
        IndexConversations.type: handler(IndexConversations, container.conversations().index_conversations),
        EnforceRetention.type: handler(EnforceRetention, container.conversations().enforce_retention),
        TidyUp.type: handler(TidyUp, container.jobs().tidy_up),
        CollectBlobs.type: handler(CollectBlobs, container.blobs().collect_blobs),
        IndexDocument.type: handler(IndexDocument, container.documents().index_document),
        DeliverWebhook.type: handler(DeliverWebhook, container.webhooks().deliver_webhook),
        SealActivity.type: handler(SealActivity, container.activity().seal_activity),
        EmbedPassages.type: handler(EmbedPassages, container.knowledge().embed_passages),
        EmbedMissing.type: handler(EmbedMissing, container.knowledge().embed_missing),
        Restem.type: handler(Restem, container.knowledge().restem),
        IndexVectors.type: handler(IndexVectors, container.knowledge().index_vectors),
        RebuildProfile.type: handler(RebuildProfile, container.memories().rebuild_profile),
        RememberConversation.type: handler(RememberConversation, container.memories().remember_conversation),
        PruneMemories.type: handler(PruneMemories, container.memories().prune_memories),
        LinkSimilar.type: handler(LinkSimilar, container.memories().link_similar),
        RedateMemories.type: handler(RedateMemories, container.memories().redate_memories),
        SendMail.type: handler(SendMail, container.mail().send_mail),
        SendSignUpLetter.type: handler(SendSignUpLetter, container.sign_in().send_sign_up_letter),
        SendRecoveryLetter.type: handler(SendRecoveryLetter, container.sign_in().send_recovery_letter),
    }


class Container(DeclarativeContainer):
    """All pages."""

    ports = given(Ports)

    workspaces = Page(Workspaces, ports=ports)
    scheduling = Page(Scheduling, ports=ports)
    conversations = Page(Conversations, ports=ports)
    webhooks = Page(Webhooks, ports=ports)
    blobs = Page(Blobs, ports=ports)
    documents = Page(Documents, ports=ports, blobs=blobs)
    memories = Page(Memories, ports=ports)
    jobs = Page(
        Jobs, ports=ports, conversations=conversations, webhooks=webhooks, documents=documents, memories=memories
    )
    mail = Page(Mail, ports=ports, jobs=jobs)
    activity = Page(Activity, ports=ports)
    knowledge = Page(Knowledge, ports=ports)
    usage = Page(Usage, ports=ports)
    secrets = Page(Secrets, ports=ports)
    instance = Page(Instance, ports=ports)
    sign_in = Page(SignIn, ports=ports, workspaces=workspaces)
    pictures = Page(Pictures, ports=ports, blobs=blobs, workspaces=workspaces)
    identity = Page(Identity, ports=ports, blobs=blobs, workspaces=workspaces, scheduling=scheduling)


_SLOW = (DeliverWebhook, SendMail, EmbedPassages, IndexVectors, IndexDocument, RememberConversation)


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[Container]:
    """All pages over the servers that the settings name, connected while the block lasts."""
    url, size = str(settings.database_url), settings.database_pool_size
    wait = settings.database_pool_wait.total_seconds()
    async with (
        open_pool(url, size, prepared=settings.db_prepared_statements, wait=wait) as pool,
        RedisConnection(str(settings.redis_url)) as redis,
        AsyncExitStack() as closing,
    ):
        metrics = CollectorRegistry()
        database = Database(pool)
        ports = Ports(
            database=database,
            database_url=url,
            redis=redis,
            secret_key=settings.secret_key,
            previous_keys=settings.secret_key_previous,
            language_models=language_models(settings, metrics, closing),
            session_life=SessionLife(idle=settings.session_idle, most=settings.session_max),
            prices=settings.model_prices,
            model_metrics=metrics,
            outbound_allow_private=settings.outbound_allow_private,
            blob_store=blob_store(settings, database),
            blob_quota=Quota(settings.blob_quota),
            base_url=settings.base_url,
            local_sign_in=AuthMode.LOCAL in settings.auth_mode,
            sign_up=settings.signup,
            sign_in_rate=Object(settings.limit_sign_in),
            mailer=Singleton(mailer, settings),
            token_verifier=token_verifier(settings),
            provider_events=Singleton(provider_events, settings),
            embedder=Singleton(embedder, settings, closing),
        )
        yield Container(ports=ports)


def migrate(database_url: str, wait_seconds: float = 0) -> None:
    """Brings the schema to the newest version, as `adapters.postgres.migrate.migrate` promises."""
    from adapters.postgres import migrate as migrations  # noqa: PLC0415 (starts with nothing to migrate need no Alembic)

    migrations.migrate(database_url, wait_seconds)


def manual() -> str:
    """The tables as `adapters.postgres.manual.manual` describes them."""
    from adapters.postgres import manual as tables  # noqa: PLC0415 (nothing else asks for it)

    return tables.manual()


def unconnected() -> Container:
    """All pages over servers that do not exist: to describe what there is, not to call it."""
    database, offline = Database(closed_pool()), OfflineLanguageModel()
    ports = Ports(
        database=database,
        database_url="",
        redis=RedisConnection("unix:///"),
        secret_key="",
        previous_keys=(),
        language_models=FallbackLanguageModels([offline.name], lambda: [offline]),
        session_life=SessionLife(),
        prices=PriceList(),
        model_metrics=CollectorRegistry(),
        outbound_allow_private=False,
        blob_store=PostgresBlobStore(database),
        blob_quota=Quota(),
        base_url="http://localhost",
        local_sign_in=True,
        sign_up=SignUp.OPEN,
        sign_in_rate=Object(None),
        mailer=ConsoleMailer(),
        token_verifier=CombinedTokenVerifier({}),
        provider_events=MemoryProviderEvents(configured=False),
        embedder=OfflineEmbedder(),
    )
    return Container(ports=ports)


def job_runner(container: Container, settings: Settings, name: str) -> JobRunner:
    """What runs jobs in this process; `name` tells workers apart."""
    ports, jobs = container.ports, container.jobs()
    queue = ports.job_queue()
    ports.language_models().choose(None)  # makes the models now: importing an SDK would hold the first jobs up
    ports.embedder()  # the same
    return JobRunner(
        queue=queue,
        bell=ports.bell(),
        clock=ports.clock(),
        handlers=handlers(container),
        on_failure=jobs.fail_job(),
        on_cancelled=jobs.end_cancelled_job(),
        on_success=queue.finish,
        schedules=[
            Schedule(spec=TidyUp(), cron="17 * * * *"),
            Schedule(spec=EnforceRetention(), cron="47 * * * *"),
            Schedule(spec=CollectBlobs(), cron="32 * * * *"),
            Schedule(spec=PruneMemories(), cron="12 3 * * *"),
            Schedule(spec=SealActivity(), cron="* * * * *"),
            Schedule(spec=IndexConversations(), cron="* * * * *"),
            Schedule(spec=EmbedMissing(), cron="* * * * *"),
            Schedule(spec=IndexVectors(), cron="22 * * * *"),
        ],
        enqueue=jobs.add_scheduled_job(),
        concurrency=settings.worker_concurrency,
        # Whoever hangs at the other end of these holds its slot for seconds: replies are not to wait for it.
        caps={kind.type: max(1, settings.worker_concurrency // 3) for kind in _SLOW},
        lease=settings.job_lease,
        grace=settings.worker_grace,
        name=name,
    )


__all__ = [
    "Container",
    "blob_directory",
    "job_runner",
    "letters",
    "mailer",
    "manual",
    "migrate",
    "migration_heads",
    "pending",
    "probes",
    "published_keys",
    "running",
    "unconnected",
]
