from typing import cast

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dependency, Singleton
from prometheus_client import CollectorRegistry

from adapters.argon2.password_hasher import Argon2PasswordHasher
from adapters.circuit_breaking.embedder import CircuitBreakingEmbedder
from adapters.coalescing.activity import CoalescingActivityViews
from adapters.cryptography.origins import HmacOrigins
from adapters.cryptography.secret_box import AesSecretBox
from adapters.documents.text_extractor import DocumentTextExtractor
from adapters.memory.passage_search import MemoryDraftSearch
from adapters.memory.rate_limiter import MemoryRateLimiter
from adapters.postgres.activity import PostgresActivityViews
from adapters.postgres.audit import PostgresAuditLog, PostgresAuditViews
from adapters.postgres.blobs import PostgresBlobLog, PostgresBlobViews
from adapters.postgres.callers import PostgresCallers
from adapters.postgres.collections import PostgresCollectionViews
from adapters.postgres.conversation_lists import PostgresConversationLists
from adapters.postgres.conversation_views import PostgresConversationViews
from adapters.postgres.documents import PostgresDocumentViews
from adapters.postgres.embeddings import PostgresEmbeddings
from adapters.postgres.exports import PostgresConversationExports, PostgresMessageExports
from adapters.postgres.health import DatabaseProbe, WorkerProbe
from adapters.postgres.idempotency import PostgresIdempotencyKeys
from adapters.postgres.identity_views import PostgresKeyViews, PostgresUserViews
from adapters.postgres.instance_views import PostgresInstanceViews
from adapters.postgres.invites import PostgresInviteViews
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.job_views import PostgresJobViews
from adapters.postgres.members import PostgresMemberViews
from adapters.postgres.memory_audit import PostgresMemoryAuditViews
from adapters.postgres.memory_profiles import PostgresMemoryProfileViews
from adapters.postgres.memory_views import PostgresMemoryViews
from adapters.postgres.passage_languages import PostgresPassageLanguages
from adapters.postgres.passage_search import PostgresPassageSearch
from adapters.postgres.pictures import PostgresPictureViews
from adapters.postgres.provider_deliveries import PostgresProviderDeliveryLog
from adapters.postgres.pruning import PostgresDeletedMemories, PostgresPruningViews
from adapters.postgres.recipients import PostgresRecipientViews
from adapters.postgres.retention import PostgresRetentionViews
from adapters.postgres.runs import PostgresRunViews
from adapters.postgres.scheduling import PostgresSchedulingViews
from adapters.postgres.sealed_secrets import PostgresSealedSecrets
from adapters.postgres.sign_in import (
    PostgresAccounts,
    PostgresOneTimeTokenLog,
    PostgresSessionLog,
    PostgresSessionViews,
)
from adapters.postgres.statements import Database
from adapters.postgres.statistics import PostgresStatisticsViews
from adapters.postgres.unanswered import PostgresUnansweredViews
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.postgres.usage import PostgresUsageOrigins
from adapters.postgres.usage_views import PostgresUsageViews
from adapters.postgres.vector_indexes import PostgresVectorIndexes
from adapters.postgres.webhooks import PostgresDeliveryLog, PostgresWebhookViews
from adapters.postgres.workspaces import PostgresWorkspaceViews
from adapters.pyotp.one_time_passwords import PyotpOneTimePasswords
from adapters.redis.bell import RedisBell
from adapters.redis.connection import RedisConnection
from adapters.redis.health import RedisProbe
from adapters.redis.rate_limiter import RedisRateLimiter
from adapters.redis.run_log import RedisRunLog
from adapters.snowball.stemmer import SnowballStemmer
from adapters.system.clock import SystemClock
from application.knowledge.retrieve import EMBEDDING_SECONDS
from application.ports.blob_store import BlobStore
from application.ports.embedder import Embedder
from application.ports.images import Images
from application.ports.language_model import LanguageModels
from application.ports.mailer import Mailer
from application.ports.provider_events import ProviderEvents
from application.ports.rate_limiter import Rate
from application.ports.token_verifier import TokenVerifier
from domain.blobs import Quota
from domain.identity import SessionLife, SignUp
from domain.pricing import PriceList
from entrypoints.container.mailers import letters


def _images() -> Images:
    from adapters.pillow.images import PillowImages  # noqa: PLC0415 (imported once there is one to be looked at)

    return PillowImages()


class Ports(DeclarativeContainer):
    """The ports, each with the adapter that fills it; tests give pages a container of the same names."""

    database = Dependency(instance_of=Database)
    database_url = Dependency(instance_of=str)
    redis = Dependency(instance_of=RedisConnection)
    secret_key = Dependency(instance_of=str)
    previous_keys = cast("Dependency[tuple[str, ...]]", Dependency())
    language_models = cast("Dependency[LanguageModels]", Dependency())  # instance_of takes no protocol
    session_life = Dependency(instance_of=SessionLife)
    prices = Dependency(instance_of=PriceList)
    model_metrics = Dependency(instance_of=CollectorRegistry)
    outbound_allow_private = Dependency(instance_of=bool)
    blob_store = cast("Dependency[BlobStore]", Dependency())
    blob_quota = Dependency(instance_of=Quota)
    base_url = Dependency(instance_of=str)
    local_sign_in = Dependency(instance_of=bool)
    sign_up = Dependency(instance_of=SignUp)
    sign_in_rate = cast("Dependency[Rate | None]", Dependency())
    mailer = cast("Dependency[Mailer]", Dependency())
    provider_events = cast("Dependency[ProviderEvents]", Dependency())
    token_verifier = cast("Dependency[TokenVerifier]", Dependency())
    embedder = cast("Dependency[Embedder]", Dependency())

    clock = Singleton(SystemClock)
    # For those who wait, until shortly before they give up; jobs ask the embedder itself, as they come again anyhow.
    query_embedder = Singleton(
        CircuitBreakingEmbedder, embedder=embedder, clock=clock, patience=EMBEDDING_SECONDS - 0.5
    )
    stemmer = Singleton(SnowballStemmer)
    bell = Singleton(RedisBell, connection=redis)
    begin = Singleton(PostgresUnits, database=database, bell=bell, clock=clock, stemmer=stemmer)
    workspace_views = Singleton(PostgresWorkspaceViews, database=database)
    member_views = Singleton(PostgresMemberViews, database=database)
    invite_views = Singleton(PostgresInviteViews, database=database)
    scheduling_views = Singleton(PostgresSchedulingViews, database=database)
    conversation_views = Singleton(PostgresConversationViews, database=database)
    conversation_lists = Singleton(PostgresConversationLists, database=database)
    run_views = Singleton(PostgresRunViews, database=database)
    conversation_exports = Singleton(PostgresConversationExports, database=database)
    message_exports = Singleton(PostgresMessageExports, database=database)
    retention_views = Singleton(PostgresRetentionViews, database=database)
    usage_views = Singleton(PostgresUsageViews, database=database)
    usage_origins = Singleton(PostgresUsageOrigins, database=database)
    job_views = Singleton(PostgresJobViews, database=database)
    webhook_views = Singleton(PostgresWebhookViews, database=database)
    statistics_views = Singleton(PostgresStatisticsViews, database=database)
    unanswered_views = Singleton(PostgresUnansweredViews, database=database)
    activity_views = Singleton(CoalescingActivityViews, views=Singleton(PostgresActivityViews, database=database))
    audit_log = Singleton(PostgresAuditLog, database=database)
    audit_views = Singleton(PostgresAuditViews, database=database)
    passage_search = Singleton(PostgresPassageSearch, database=database, stemmer=stemmer)
    embeddings = Singleton(PostgresEmbeddings, database=database)
    passage_languages = Singleton(PostgresPassageLanguages, database=database, stemmer=stemmer)
    vector_indexes = Singleton(PostgresVectorIndexes, database=database)
    document_views = Singleton(PostgresDocumentViews, database=database)
    text_extractor = Singleton(DocumentTextExtractor)
    blob_log = Singleton(PostgresBlobLog, database=database)
    blob_views = Singleton(PostgresBlobViews, database=database)
    picture_views = Singleton(PostgresPictureViews, database=database)
    memory_views = Singleton(PostgresMemoryViews, database=database)
    memory_audit_views = Singleton(PostgresMemoryAuditViews, database=database)
    memory_profile_views = Singleton(PostgresMemoryProfileViews, database=database)
    collection_views = Singleton(PostgresCollectionViews, database=database)
    pruning_views = Singleton(PostgresPruningViews, database=database)
    deleted_memories = Singleton(PostgresDeletedMemories, database=database)
    draft_search = Singleton(MemoryDraftSearch, stemmer=stemmer)
    letters = Singleton(letters)
    recipient_views = Singleton(PostgresRecipientViews, database=database)
    job_queue = Singleton(PostgresJobQueue, database=database, bell=bell)
    provider_delivery_log = Singleton(PostgresProviderDeliveryLog, database=database)
    delivery_log = Singleton(PostgresDeliveryLog, database=database)
    idempotency_keys = Singleton(PostgresIdempotencyKeys, database=database)
    user_views = Singleton(PostgresUserViews, database=database)
    instance_views = Singleton(PostgresInstanceViews, database=database)
    key_views = Singleton(PostgresKeyViews, database=database)
    accounts = Singleton(PostgresAccounts, database=database)
    one_time_token_log = Singleton(PostgresOneTimeTokenLog, database=database)
    session_log = Singleton(PostgresSessionLog, database=database)
    session_views = Singleton(PostgresSessionViews, database=database)
    callers = Singleton(PostgresCallers, database=database, clock=clock, life=session_life)
    run_log = Singleton(RedisRunLog, connection=redis)
    rate_limiter = Singleton(RedisRateLimiter, connection=redis, fallback=Singleton(MemoryRateLimiter))
    origins = Singleton(HmacOrigins, secret_key=secret_key)
    secret_box = Singleton(AesSecretBox, secret_key=secret_key, previous=previous_keys)
    sealed_secrets = Singleton(PostgresSealedSecrets, database=database)
    images = Singleton(_images)
    password_hasher = Singleton(Argon2PasswordHasher)
    one_time_passwords = Singleton(PyotpOneTimePasswords)
    database_probe = Singleton(DatabaseProbe, database=database, url=database_url)
    redis_probe = Singleton(RedisProbe, connection=redis)
    worker_probe = Singleton(WorkerProbe, database=database)
