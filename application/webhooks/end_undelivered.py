from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from application.ports.clock import Clock
from application.ports.jobs import Burial
from application.ports.webhooks import WebhooksWork
from domain.actors import SYSTEM
from domain.errors import NotFound
from domain.ids import DeliveryId
from domain.jobs import Job, JobStatus
from domain.json import JsonValue
from domain.webhooks import DeliveryCancelled, DeliveryFailed


@dataclass(frozen=True, slots=True)
class EndUndelivered(Burial[WebhooksWork]):
    """A delivery whose job died has failed, and one whose job was cancelled is cancelled.

    With a job that is replayed it is to be delivered again.
    """

    clock: Clock

    async def prepare(self, work: WebhooksWork, payload: Mapping[str, JsonValue]) -> None:
        try:
            await work.deliveries.lock(_delivery_id(payload))
        except NotFound:  # gone with its workspace
            return

    async def bury(self, work: WebhooksWork, job: Job) -> None:
        try:
            delivery = await work.deliveries.lock(_delivery_id(job.payload))
        except NotFound:
            return
        if not delivery.pending:
            return
        now = self.clock.now()
        if job.status is JobStatus.CANCELLED:
            cancelled = DeliveryCancelled.of(delivery, by=SYSTEM, at=now)
            await work.deliveries.save(delivery.cancelled(now), because=cancelled)
        else:
            failed = DeliveryFailed.of(delivery, by=SYSTEM, at=now)
            await work.deliveries.save(delivery.failed(now), because=failed)

    async def revive(self, work: WebhooksWork, job: Job) -> Job:
        """The job as it was; its delivery is pending again."""
        delivery = await work.deliveries.lock(_delivery_id(job.payload))
        await work.deliveries.save(delivery.reopened())
        return job


def _delivery_id(payload: Mapping[str, JsonValue]) -> DeliveryId:
    return DeliveryId(UUID(str(payload["delivery_id"])))
