from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Self

from domain.activity import Event
from domain.actors import Actor, Subject
from domain.ids import DeliveryId
from domain.json import JsonValue
from domain.webhooks.delivery import Delivery
from domain.webhooks.webhook import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent(Event):
    """Something happened to the workspace's webhook; its address, which may hold a secret, is not told."""

    active: bool

    @property
    def subject(self) -> Subject:
        return Subject("webhook", self.workspace_id)

    @classmethod
    def of(cls, webhook: Webhook, *, by: Actor, at: datetime) -> Self:
        """What `by` did to the webhook, as it is now."""
        return cls(workspace_id=webhook.workspace_id, actor=by, at=at, active=webhook.active)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCreated(WebhookEvent):
    """Messages of other channels are sent out from now on."""

    type: ClassVar[str] = "webhook.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEdited(WebhookEvent):
    """It has another address, or was turned on or off.

    Attributes:
        before, after: what changed and may be told. secrets: what changed and may not, as `changed`.
    """

    type: ClassVar[str] = "webhook.edited"
    before: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    after: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def between(cls, before: Webhook, after: Webhook, *, by: Actor) -> Self:
        """What `by` changed."""
        told = before.active != after.active
        return replace(
            cls.of(after, by=by, at=after.updated_at),
            before={"active": before.active} if told else {},
            after={"active": after.active} if told else {},
            secrets={"url": "changed"} if before.url != after.url else {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRotated(WebhookEvent):
    """It signs with another secret."""

    type: ClassVar[str] = "webhook.rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTested(WebhookEvent):
    """Something that tells nothing is sent through it."""

    type: ClassVar[str] = "webhook.tested"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDisabled(WebhookEvent):
    """Its receiver wants no more; nothing is sent until somebody activates it."""

    type: ClassVar[str] = "webhook.disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRemoved(WebhookEvent):
    """Nothing is sent out any more."""

    type: ClassVar[str] = "webhook.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent(Event):
    """Something happened to a delivery."""

    delivery_id: DeliveryId
    delivery_type: str

    @property
    def subject(self) -> Subject:
        return Subject("delivery", self.delivery_id)

    @classmethod
    def of(cls, delivery: Delivery, *, by: Actor, at: datetime) -> Self:
        """What `by` did to the delivery."""
        return cls(
            workspace_id=delivery.workspace_id,
            actor=by,
            at=at,
            delivery_id=delivery.id,
            delivery_type=delivery.type,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(DeliveryEvent):
    """It was given up."""

    type: ClassVar[str] = "delivery.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCancelled(DeliveryEvent):
    """There is no reason for it any more."""

    type: ClassVar[str] = "delivery.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResent(DeliveryEvent):
    """Somebody has it tried again."""

    type: ClassVar[str] = "delivery.resent"
