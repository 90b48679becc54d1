"""The log of what a workspace has sent, and sending again what failed."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import Begin
from application.ports.webhooks import DeliveryView, WebhooksWork, WebhookViews
from application.webhooks.webhooks import locked
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import DeliveryId, WorkspaceId
from domain.pages import Page
from domain.webhooks import DeliveryResent, DeliveryStatus, WebhookInactive


@dataclass(frozen=True, slots=True)
class ListDeliveries:
    """Shows what a workspace has sent, and is to send."""

    views: WebhookViews

    async def __call__(
        self,
        caller: Caller,
        workspace_id: WorkspaceId,
        status: DeliveryStatus | None,
        cursor: str | None,
        limit: int,
    ) -> Page[DeliveryView]:
        """A page of it, newest first.

        Raises:
            NotFound: there is no such workspace for the caller. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.WEBHOOK_READ, workspace_id)
        return await self.views.deliveries(workspace_id, status, cursor, limit)


@dataclass(frozen=True, slots=True)
class ReadDelivery:
    """Shows a delivery."""

    views: WebhookViews

    async def __call__(self, caller: Caller, delivery_id: DeliveryId) -> DeliveryView:
        """The delivery.

        Raises:
            NotFound: there is none that the caller may see.
        """
        view = await self.views.delivery(delivery_id)
        if view is None:
            raise NotFound
        caller.must(Permission.WEBHOOK_READ, view.workspace_id)
        return view


@dataclass(frozen=True, slots=True)
class ResendDelivery:
    """Sends again what has failed or was cancelled, with all its tries."""

    begin: Begin[WebhooksWork]
    clock: Clock

    async def __call__(self, caller: Caller, delivery_id: DeliveryId) -> DeliveryView:
        """The delivery, pending again.

        Raises:
            NotFound, Forbidden: the caller may not. WebhookInactive: there is nowhere to send it.
            DeliveryNotResendable: it was delivered, or tries are to come.
        """
        now = self.clock.now()
        async with self.begin() as work:
            workspace_id = (await work.deliveries.get(delivery_id)).workspace_id
            caller.must(Permission.WEBHOOK_WRITE, workspace_id)
            if not (await locked(work, workspace_id)).active:
                raise WebhookInactive
            delivery = (await work.deliveries.lock(delivery_id)).reopened()
            job = (await work.jobs.lock(delivery.job_id)).replayed(now)
            await work.jobs.save(job)
            resent = DeliveryResent.of(delivery, by=caller.actor, at=now)
            await work.deliveries.save(delivery, because=resent)
            return await work.commit(DeliveryView.of(delivery))
