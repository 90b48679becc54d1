from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dict, Factory

from application.conversations.generate_reply import GenerateReply
from application.documents.index_document import IndexDocument
from application.jobs.add_scheduled_job import AddScheduledJob
from application.jobs.announce_death import DeathAnnouncer, Obituaries
from application.jobs.cancel_job import CancelJob, EndCancelledJob
from application.jobs.fail_job import FailJob
from application.jobs.follow_job import FollowJob
from application.jobs.read_jobs import ListJobs, ReadJob
from application.jobs.replay_job import ReplayJob
from application.jobs.tidy_up import Tidier
from application.memories.remember_conversation import RememberConversation
from application.webhooks.deliver_webhook import DeliverWebhook
from entrypoints.container.conversations import Conversations
from entrypoints.container.documents import Documents
from entrypoints.container.given import given
from entrypoints.container.memories import Memories
from entrypoints.container.ports import Ports
from entrypoints.container.webhooks import Webhooks


class Jobs(DeclarativeContainer):
    """Jobs; `burials` is what the death of each type leaves behind."""

    ports = given(Ports)
    conversations = given(Conversations)
    webhooks = given(Webhooks)
    documents = given(Documents)
    memories = given(Memories)

    burials = Dict(
        {
            GenerateReply.type: conversations.end_abandoned_run,
            DeliverWebhook.type: webhooks.end_undelivered,
            IndexDocument.type: documents.end_unindexed,
            RememberConversation.type: memories.index_abandoned,
        }
    )
    list_jobs = Factory(ListJobs, views=ports.job_views)
    read_job = Factory(ReadJob, views=ports.job_views)
    follow_job = Factory(FollowJob, read_job=read_job, bell=ports.bell)
    cancel_job = Factory(CancelJob, begin=ports.begin, views=ports.job_views, burials=burials, clock=ports.clock)
    replay_job = Factory(ReplayJob, begin=ports.begin, views=ports.job_views, burials=burials, clock=ports.clock)
    fail_job = Factory(FailJob, begin=ports.begin, burials=burials, clock=ports.clock, announce=Factory(Obituaries))
    announce_death = Factory(
        DeathAnnouncer,
        begin=ports.begin,
        workspaces=ports.workspace_views,
        members=ports.member_views,
        secret_box=ports.secret_box,
        clock=ports.clock,
    )
    end_cancelled_job = Factory(EndCancelledJob, begin=ports.begin, burials=burials, clock=ports.clock)
    add_scheduled_job = Factory(AddScheduledJob, begin=ports.begin)
    tidy_up = Factory(
        Tidier,
        keys=ports.idempotency_keys,
        origins=ports.usage_origins,
        provider_deliveries=ports.provider_delivery_log,
        one_time_tokens=ports.one_time_token_log,
        sessions=ports.session_log,
        webhook_deliveries=ports.delivery_log,
        clock=ports.clock,
    )
