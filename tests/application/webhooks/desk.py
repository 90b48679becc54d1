"""A business whose messages leave through a webhook, and a worker that sends them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast
from uuid import UUID

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.webhook_sender import MemoryWebhookSender
from adapters.memory.webhooks import MemoryWebhookViews
from application.jobs.cancel_job import EndCancelledJob
from application.jobs.fail_job import FailJob
from application.ports.jobs import Burial, JobsWork
from application.ports.webhooks import DeliveryView, WebhookView
from application.ports.workspaces import WorkspaceView
from application.webhooks.deliver_webhook import DeliverWebhook, WebhookDeliverer
from application.webhooks.deliveries import ResendDelivery
from application.webhooks.end_undelivered import EndUndelivered
from application.webhooks.send_out import send_out
from application.webhooks.webhooks import RemoveWebhook, RotateWebhookSecret, SendTestDelivery, SetWebhook
from domain.access import Caller
from domain.conversations import Channel, Conversation, ConversationStarted, Message, MessagePosted
from domain.ids import DeliveryId, WorkspaceId
from domain.jobs import Claim, Job, JobCancelled, TryAgain
from domain.webhooks import Delivery
from tests.application.world import LEASE, World

URL = "https://bridge.example/hook"


@dataclass(slots=True, kw_only=True)
class Desk:
    """The world as the owner of a workspace has it."""

    world: World
    owner: Caller
    workspace: WorkspaceView

    @property
    def views(self) -> MemoryWebhookViews:
        return MemoryWebhookViews(self.world.store)

    @property
    def burials(self) -> Mapping[str, Burial[JobsWork]]:
        # One class of units is seen through all the protocols, those of jobs and of webhooks.
        return cast("Mapping[str, Burial[JobsWork]]", {DeliverWebhook.type: EndUndelivered(self.world.clock)})

    @property
    def set_webhook(self) -> SetWebhook:
        return SetWebhook(self.world.begin, self.world.secret_box, self.world.clock, allow_private=False)

    async def set(self, url: str = URL, *, active: bool = True, expected: int | None = None) -> WebhookView:
        return await self.set_webhook(self.owner, self.workspace.id, url, active=active, expected=expected)

    async def rotate(self) -> WebhookView:
        rotate = RotateWebhookSecret(self.world.begin, self.world.secret_box, self.world.clock)
        return await rotate(self.owner, self.workspace.id)

    async def remove(self) -> None:
        await RemoveWebhook(self.world.begin, self.world.clock)(self.owner, self.workspace.id)

    async def send_test(self) -> DeliveryView:
        return await SendTestDelivery(self.world.begin, self.world.clock)(self.owner, self.workspace.id)

    async def resend(self, delivery_id: DeliveryId) -> DeliveryView:
        return await ResendDelivery(self.world.begin, self.world.clock)(self.owner, delivery_id)

    async def conversation(self, channel: Channel = Channel.WHATSAPP) -> Conversation:
        at = self.world.clock.now()
        started = Conversation.started(self.workspace.id, "Vera", None, at)
        conversation = replace(started, channel=channel, external_id=None if channel is Channel.WEB else "+420777")
        because = ConversationStarted(
            workspace_id=self.workspace.id,
            actor=conversation.visitor_actor,
            at=at,
            conversation_id=conversation.id,
            channel=channel,
        )
        async with self.world.begin() as work:
            await work.conversations.add(conversation, because=because)
            return await work.commit(conversation)

    async def say(
        self, conversation: Conversation, content: str = "Come at nine.", *, visitor: bool = False
    ) -> Message:
        """A message that is stored and sent out, as use cases do it."""
        at = self.world.clock.now()
        async with self.world.begin() as work:
            locked = await work.conversations.lock(conversation.id)
            if visitor:
                said, message = locked.said_by_visitor(content, at)
            else:
                said, message = locked.said_by_member(content, self.owner.actor, at)
            posted = MessagePosted(
                workspace_id=message.workspace_id,
                actor=message.author,
                at=at,
                conversation_id=message.conversation_id,
                message_id=message.id,
                role=message.role,
            )
            await work.messages.add(message, because=posted)
            await work.conversations.save(said)
            await send_out(work, said, message, at)
            return await work.commit(message)

    async def claim(self) -> Claim:
        """The next delivery's job, in the hands of a worker."""
        (claim,) = await self.world.queue.claim([DeliverWebhook.type], 1, LEASE)
        return claim

    def deliverer(self, sender: MemoryWebhookSender) -> WebhookDeliverer:
        world = self.world
        return WebhookDeliverer(
            begin=world.begin, views=self.views, sender=sender, secret_box=world.secret_box, clock=world.clock
        )

    async def deliver(self, claim: Claim, sender: MemoryWebhookSender) -> None:
        """Does the job; what it raises is the worker's."""
        await self.deliverer(sender)(job_of(claim), claim, MemoryJobProgress())

    async def work(self, sender: MemoryWebhookSender, claim: Claim | None = None) -> None:
        """Does the next job as a worker does: a failure is counted, a cancellation is one."""
        claim = claim or await self.claim()
        try:
            await self.deliver(claim, sender)
        except TryAgain as error:
            await FailJob(self.world.begin, self.burials, self.world.clock)(claim, str(error), error.after)
        except JobCancelled:
            await EndCancelledJob(self.world.begin, self.burials, self.world.clock)(claim)

    async def work_until_dead(self, sender: MemoryWebhookSender) -> None:
        """Does the one job again and again, each time when it is due."""
        with suppress(ValueError):  # none is due any more
            while True:
                await self.work(sender)
                (job,) = self.jobs()
                self.world.clock.advance(max(timedelta(0), job.run_at - self.world.clock.now()))

    def deliveries(self) -> list[Delivery]:
        return [row for row in self.world.store.deliveries.rows.values() if row.workspace_id == self.workspace.id]

    def delivery(self) -> Delivery:
        """The only one."""
        (delivery,) = self.deliveries()
        return delivery

    def jobs(self) -> list[Job]:
        return [job for job in self.world.store.jobs.rows.values() if job.type == DeliverWebhook.type]

    def happened(self) -> list[str]:
        return [event.type for event in self.world.events(self.workspace.id)]


async def a_desk(world: World) -> Desk:
    owner, workspace = await world.owner()
    return Desk(world=world, owner=owner, workspace=workspace)


def job_of(claim: Claim) -> DeliverWebhook:
    """What a claimed job is to do."""
    given = {name: UUID(str(value)) for name, value in claim.payload.items()}
    return DeliverWebhook(delivery_id=DeliveryId(given["delivery_id"]), workspace_id=WorkspaceId(given["workspace_id"]))
