from datetime import datetime
from typing import Protocol

from application.ports.jobs import Jobs
from application.ports.webhooks import Deliveries, Webhooks
from application.webhooks.deliver_webhook import DeliverWebhook
from domain.conversations import Channel, Conversation, Message, MessageRole
from domain.jobs import Job
from domain.webhooks import Delivery


class OutboundWork(Protocol):
    """What `send_out` touches of a unit of work."""

    webhooks: Webhooks
    deliveries: Deliveries
    jobs: Jobs


async def send_out(work: OutboundWork, conversation: Conversation, message: Message, at: datetime) -> None:
    """Has a message leave for the channel of its conversation once the unit commits.

    Nothing leaves from the web, of a visitor, or without an active webhook.
    """
    if conversation.channel is Channel.WEB or message.role is MessageRole.VISITOR:
        return
    webhook = await work.webhooks.of_workspace(conversation.workspace_id)
    if webhook is None or not webhook.active:
        return
    await enqueue(work, Delivery.of_message(conversation.workspace_id, conversation.id, message.id, at), at)


async def enqueue(work: OutboundWork, delivery: Delivery, at: datetime) -> None:
    """Adds a delivery with the job that sends it."""
    await work.deliveries.add(delivery)
    await work.jobs.add(Job.of(DeliverWebhook.of(delivery), at, identifier=delivery.job_id))
