import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import ClassVar, Self

from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from application.ports.secret_box import SecretBox
from application.ports.unit_of_work import Begin
from application.ports.webhook_sender import Undeliverable, WebhookSender
from application.ports.webhooks import SentMessage, WebhooksWork, WebhookViews
from application.webhooks.secrets import unsealed
from domain.actors import SYSTEM, Subject
from domain.errors import NotFound
from domain.ids import DeliveryId, WorkspaceId
from domain.jobs import Claim, JobCancelled, JobSpec, JobStatus, TryAgain
from domain.json import JsonValue, json_of
from domain.webhooks import (
    MAX_TRIES,
    Attempt,
    Delivery,
    DeliveryCancelled,
    DeliveryFailed,
    DeliveryType,
    DisabledReason,
    SendFault,
    Webhook,
    WebhookDisabled,
    signed_headers,
    wait_after,
)

_INNER = frozenset({"workspace_id", "turn", "external_id", "metadata", "blanked_at"})
"""What of a message is no business of its channel."""
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Flightdeck"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverWebhook(JobSpec):
    """Send this delivery to the workspace's webhook."""

    type: ClassVar[str] = "deliver_webhook"
    max_attempts: ClassVar[int] = MAX_TRIES
    delivery_id: DeliveryId
    workspace_id: WorkspaceId

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """The job that sends `delivery`."""
        return cls(delivery_id=delivery.id, workspace_id=delivery.workspace_id)

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def about(self) -> Subject | None:
        return Subject("delivery", self.delivery_id)


@dataclass(frozen=True, slots=True)
class WebhookDeliverer:
    """Sends a delivery: signs what it tells as that is now, and notes how the try went."""

    begin: Begin[WebhooksWork]
    views: WebhookViews
    sender: WebhookSender
    secret_box: SecretBox
    clock: Clock

    async def __call__(self, job: DeliverWebhook, claim: Claim, _progress: JobProgress) -> None:
        """Nothing; the delivery has ended, one way or another.

        A receiver may get it more than once, each time with the same `webhook-id`.

        Raises:
            TryAgain: the receiver did not take it this time.
            JobCancelled: nor is it to be tried again, as somebody asked for the job to stop.
            LeaseLost: the job is not ours any more.
        """
        async with self.begin(claim) as work:
            webhook = await work.webhooks.of_workspace(job.workspace_id)
            try:
                workspace = await work.workspaces.get(job.workspace_id)
                delivery = await work.deliveries.get(job.delivery_id)
            except NotFound:  # gone with its workspace
                return
        if not delivery.pending:
            return
        body = await self._body(delivery)
        if body is None or webhook is None or not webhook.active or workspace.suspended_at is not None:
            await self._cancel(delivery, claim)
            return
        attempt, retry_after = await self._send(delivery, webhook, body)
        await self._note(delivery, webhook, attempt, retry_after, claim)

    async def _body(self, delivery: Delivery) -> bytes | None:
        """What is sent; None when what was to be told has been erased."""
        told: Mapping[str, JsonValue] = {"workspace_id": str(delivery.workspace_id)}
        if delivery.type is DeliveryType.MESSAGE_SENT:
            sent = await self._message(delivery)
            if sent is None:
                return None
            told = _data(sent)
        payload = {"type": delivery.type, "timestamp": json_of(delivery.created_at), "data": told}
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()

    async def _message(self, delivery: Delivery) -> SentMessage | None:
        place = delivery.conversation_id, delivery.message_id
        sent = None if place[0] is None or place[1] is None else await self.views.message(place[0], place[1])
        return sent if sent and sent.message.blanked_at is None else None

    async def _send(self, delivery: Delivery, webhook: Webhook, body: bytes) -> tuple[Attempt, timedelta | None]:
        at = self.clock.now()
        keys = unsealed(self.secret_box, webhook, at)
        headers = {**_HEADERS, **signed_headers(keys, str(delivery.id), at, body)}
        status: int | None = None
        error: SendFault | None = None
        retry_after: timedelta | None = None
        try:
            answer = await self.sender.send(webhook.url, headers, body)
            status, retry_after = answer.status, answer.retry_after
        except Undeliverable as undeliverable:
            error = undeliverable.code
        took = (self.clock.now() - at) // timedelta(milliseconds=1)
        return Attempt(at=at, status_code=status, error=error, milliseconds=max(took, 0)), retry_after

    async def _note(
        self, sent: Delivery, webhook: Webhook, attempt: Attempt, retry_after: timedelta | None, claim: Claim
    ) -> None:
        async with self.begin(claim) as work:
            if attempt.refused:
                await self._disable(work, webhook)
            delivery = (await work.deliveries.lock(sent.id)).tried(attempt)
            job = await work.jobs.held(claim)
            await self._end(work, delivery, attempt, claim)
            await work.commit(None)
        if attempt.delivered or attempt.refused:
            return
        if job.cancel_asked:
            raise JobCancelled
        raise TryAgain(attempt.outcome, after=wait_after(job.failures + 1, attempt, retry_after))

    async def _end(self, work: WebhooksWork, delivery: Delivery, attempt: Attempt, claim: Claim) -> None:
        now = self.clock.now()
        result: Mapping[str, JsonValue] = {"outcome": attempt.outcome}
        if attempt.delivered:
            await work.deliveries.save(delivery.delivered(now))
            await work.jobs.finish(claim, result)
        elif attempt.refused:
            failed = DeliveryFailed.of(delivery, by=SYSTEM, at=now)
            await work.deliveries.save(delivery.failed(now), because=failed)
            await work.jobs.finish(claim, result, JobStatus.DEAD)
        else:
            await work.deliveries.save(delivery)

    async def _disable(self, work: WebhooksWork, used: Webhook) -> None:
        webhook = await work.webhooks.lock(used.workspace_id)
        if webhook is None or not webhook.active or webhook.url != used.url:
            return  # its owner was faster
        now = self.clock.now()
        disabled = webhook.disabled(DisabledReason.GONE, now)
        await work.webhooks.save(disabled, because=WebhookDisabled.of(disabled, by=SYSTEM, at=now))

    async def _cancel(self, pending: Delivery, claim: Claim) -> None:
        now = self.clock.now()
        async with self.begin(claim) as work:
            delivery = await work.deliveries.lock(pending.id)
            cancelled = DeliveryCancelled.of(delivery, by=SYSTEM, at=now)
            await work.jobs.finish(claim, {"outcome": "nothing_to_send"}, JobStatus.CANCELLED)
            await work.deliveries.save(delivery.cancelled(now), because=cancelled)
            await work.commit(None)


def _data(sent: SentMessage) -> Mapping[str, JsonValue]:
    message = {name: value for name, value in asdict(sent.message).items() if name not in _INNER}
    return {
        "conversation_id": str(sent.conversation_id),
        "channel": str(sent.channel),
        "thread_id": sent.thread_id,
        "message": json_of(message),
    }
