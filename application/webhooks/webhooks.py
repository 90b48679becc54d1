"""The webhook of a workspace, and what its owners do with it."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.secret_box import SecretBox
from application.ports.unit_of_work import Begin
from application.ports.webhooks import DeliveryView, WebhooksWork, WebhookView, WebhookViews
from application.webhooks.secrets import sealed
from application.webhooks.send_out import enqueue
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import WorkspaceId
from domain.versions import check_version
from domain.webhooks import (
    Delivery,
    SigningSecret,
    Webhook,
    WebhookCreated,
    WebhookEdited,
    WebhookInactive,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
    check_url,
)


@dataclass(frozen=True, slots=True)
class ReadWebhook:
    """Shows a workspace's webhook, its secret left out."""

    views: WebhookViews

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> WebhookView:
        """The webhook.

        Raises:
            NotFound: there is none that the caller may see.
        """
        caller.must(Permission.WEBHOOK_READ, workspace_id)
        view = await self.views.webhook(workspace_id)
        if view is None:
            raise NotFound
        return view


@dataclass(frozen=True, slots=True)
class SetWebhook:
    """Says where messages of other channels are sent.

    Attributes:
        allow_private: whether http, and addresses that are not public, are taken.
    """

    begin: Begin[WebhooksWork]
    secret_box: SecretBox
    clock: Clock
    allow_private: bool

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, url: str, *, active: bool, expected: int | None = None
    ) -> WebhookView:
        """The webhook as it is now, a new one with its secret; one in which nothing changes keeps its version.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: the address cannot be taken.
            Stale: it is not the version expected, or there is none. Conflict: another was made at the same time.
        """
        caller.must(Permission.WEBHOOK_WRITE, workspace_id)
        url = check_url(url, private=self.allow_private)
        async with self.begin() as work:
            webhook = await work.webhooks.lock(workspace_id)
            check_version(webhook.version if webhook else 0, expected)
            if webhook is None:
                return await work.commit(await self._create(work, caller, workspace_id, url, active=active))
            now = self.clock.now()
            changed = webhook.edited(url, now, active=active)
            if changed == webhook:
                return await work.commit(WebhookView.of(webhook))
            edited = WebhookEdited.between(webhook, changed, by=caller.actor)
            return await work.commit(WebhookView.of(await work.webhooks.save(changed, because=edited)))

    async def _create(
        self, work: WebhooksWork, caller: Caller, workspace_id: WorkspaceId, url: str, *, active: bool
    ) -> WebhookView:
        now, secret = self.clock.now(), SigningSecret.made()
        webhook = Webhook(
            workspace_id=workspace_id,
            url=url,
            sealed=sealed(self.secret_box, workspace_id, secret),
            active=active,
            created_at=now,
            updated_at=now,
        )
        await work.webhooks.add(webhook, because=WebhookCreated.of(webhook, by=caller.actor, at=now))
        return WebhookView.of(webhook, secret)


@dataclass(frozen=True, slots=True)
class RotateWebhookSecret:
    """Has a webhook sign with a new secret; for a day the one that was signs, too."""

    begin: Begin[WebhooksWork]
    secret_box: SecretBox
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, expected: int | None = None) -> WebhookView:
        """The webhook with its new secret.

        Raises:
            NotFound, Forbidden: there is none, or the caller may not. Stale: it is not the version expected.
        """
        caller.must(Permission.WEBHOOK_WRITE, workspace_id)
        async with self.begin() as work:
            webhook = await locked(work, workspace_id, expected)
            now, secret = self.clock.now(), SigningSecret.made()
            changed = webhook.rotated(sealed(self.secret_box, workspace_id, secret), now)
            rotated = WebhookRotated.of(changed, by=caller.actor, at=now)
            saved = await work.webhooks.save(changed, because=rotated)
            return await work.commit(WebhookView.of(saved, secret))


@dataclass(frozen=True, slots=True)
class RemoveWebhook:
    """Has nothing sent out any more."""

    begin: Begin[WebhooksWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, expected: int | None = None) -> None:
        """Nothing; it is gone, its secret too, and what was still to be sent will be cancelled.

        Raises:
            NotFound, Forbidden: there is none, or the caller may not. Stale: it is not the version expected.
        """
        caller.must(Permission.WEBHOOK_WRITE, workspace_id)
        async with self.begin() as work:
            webhook = await locked(work, workspace_id, expected)
            removed = WebhookRemoved.of(webhook, by=caller.actor, at=self.clock.now())
            await work.webhooks.remove(webhook, because=removed)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class SendTestDelivery:
    """Sends something that tells nothing, to see whether it arrives."""

    begin: Begin[WebhooksWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> DeliveryView:
        """The delivery, which is to be sent.

        Raises:
            NotFound, Forbidden: there is none, or the caller may not. WebhookInactive: it is not active.
        """
        caller.must(Permission.WEBHOOK_WRITE, workspace_id)
        now = self.clock.now()
        async with self.begin() as work:
            webhook = await locked(work, workspace_id)
            if not webhook.active:
                raise WebhookInactive
            delivery = Delivery.of_test(workspace_id, now)
            await enqueue(work, delivery, now)
            work.record(WebhookTested.of(webhook, by=caller.actor, at=now))
            return await work.commit(DeliveryView.of(delivery))


async def locked(work: WebhooksWork, workspace_id: WorkspaceId, expected: int | None = None) -> Webhook:
    """The workspace's webhook, locked.

    Raises:
        NotFound: there is none. Stale: it is not the version expected.
    """
    webhook = await work.webhooks.lock(workspace_id)
    if webhook is None:
        raise NotFound
    check_version(webhook.version, expected)
    return webhook
