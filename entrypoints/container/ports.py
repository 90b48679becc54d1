from typing import cast

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dependency, Singleton
from prometheus_client import CollectorRegistry

from adapters.coalescing.activity import CoalescingActivityViews
from adapters.cryptography.origins import HmacOrigins
from adapters.cryptography.secret_box import AesSecretBox
from adapters.memory.knowledge import MemoryDraftSearch
from adapters.memory.rate_limiter import MemoryRateLimiter
from adapters.postgres.activity import PostgresActivityViews
from adapters.postgres.conversation_lists import PostgresConversationLists
from adapters.postgres.conversation_views import PostgresConversationViews
from adapters.postgres.exports import PostgresConversationExports
from adapters.postgres.health import DatabaseProbe, WorkerProbe
from adapters.postgres.idempotency import PostgresIdempotencyKeys
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.job_views import PostgresJobViews
from adapters.postgres.knowledge import PostgresPassageSearch
from adapters.postgres.retention import PostgresRetentionViews
from adapters.postgres.runs import PostgresRunViews
from adapters.postgres.scheduling import PostgresSchedulingViews
from adapters.postgres.statements import Database
from adapters.postgres.statistics import PostgresStatisticsViews
from adapters.postgres.token_verifier import PostgresTokenVerifier
from adapters.postgres.unanswered import PostgresUnansweredViews
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.postgres.usage import PostgresUsageOrigins
from adapters.postgres.usage_views import PostgresUsageViews
from adapters.postgres.webhooks import PostgresWebhookViews
from adapters.postgres.workspaces import PostgresWorkspaceViews
from adapters.redis.bell import RedisBell
from adapters.redis.connection import RedisConnection
from adapters.redis.health import RedisProbe
from adapters.redis.rate_limiter import RedisRateLimiter
from adapters.redis.run_log import RedisRunLog
from adapters.system.clock import SystemClock
from application.ports.language_model import LanguageModels
from domain.pricing import PriceList


class Ports(DeclarativeContainer):
    """The ports, each with the adapter that fills it; tests give pages a container of the same names."""

    database = Dependency(instance_of=Database)
    database_url = Dependency(instance_of=str)
    redis = Dependency(instance_of=RedisConnection)
    secret_key = Dependency(instance_of=str)
    language_models = cast("Dependency[LanguageModels]", Dependency())  # instance_of takes no protocol
    prices = Dependency(instance_of=PriceList)
    model_metrics = Dependency(instance_of=CollectorRegistry)
    outbound_allow_private = Dependency(instance_of=bool)

    clock = Singleton(SystemClock)
    bell = Singleton(RedisBell, connection=redis)
    begin = Singleton(PostgresUnits, database=database, bell=bell, clock=clock)
    workspace_views = Singleton(PostgresWorkspaceViews, database=database)
    scheduling_views = Singleton(PostgresSchedulingViews, database=database)
    conversation_views = Singleton(PostgresConversationViews, database=database)
    conversation_lists = Singleton(PostgresConversationLists, database=database)
    run_views = Singleton(PostgresRunViews, database=database)
    conversation_exports = Singleton(PostgresConversationExports, database=database)
    retention_views = Singleton(PostgresRetentionViews, database=database)
    usage_views = Singleton(PostgresUsageViews, database=database)
    usage_origins = Singleton(PostgresUsageOrigins, database=database)
    job_views = Singleton(PostgresJobViews, database=database)
    webhook_views = Singleton(PostgresWebhookViews, database=database)
    statistics_views = Singleton(PostgresStatisticsViews, database=database)
    unanswered_views = Singleton(PostgresUnansweredViews, database=database)
    activity_views = Singleton(CoalescingActivityViews, views=Singleton(PostgresActivityViews, database=database))
    passage_search = Singleton(PostgresPassageSearch, database=database)
    draft_search = Singleton(MemoryDraftSearch)
    job_queue = Singleton(PostgresJobQueue, database=database, bell=bell)
    idempotency_keys = Singleton(PostgresIdempotencyKeys, database=database)
    token_verifier = Singleton(PostgresTokenVerifier, database=database, clock=clock)
    run_log = Singleton(RedisRunLog, connection=redis)
    rate_limiter = Singleton(RedisRateLimiter, connection=redis, fallback=Singleton(MemoryRateLimiter))
    origins = Singleton(HmacOrigins, secret_key=secret_key)
    secret_box = Singleton(AesSecretBox, secret_key=secret_key)
    database_probe = Singleton(DatabaseProbe, database=database, url=database_url)
    redis_probe = Singleton(RedisProbe, connection=redis)
    worker_probe = Singleton(WorkerProbe, database=database)
