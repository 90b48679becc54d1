from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.addresses import MOST, has_web_port, host_of, is_private
from domain.errors import Conflict, Fault, Invalid
from domain.ids import WorkspaceId

ROTATION = timedelta(hours=24)
"""How long the secret before the present one also signs."""
_PORT_REFUSED = (
    "'url' must name port 80, 443, one from 1024 on, or none, unless the server runs with OUTBOUND_ALLOW_PRIVATE=true."
)
_REFUSED = "'url' must be on the public Internet, unless the server runs with OUTBOUND_ALLOW_PRIVATE=true."


class WebhookInactive(Conflict):
    """Nothing is sent through the webhook as it is."""

    code = "webhook_inactive"
    detail = "The webhook is not active. PUT it with 'active': true first."


class DisabledReason(StrEnum):
    """Why a webhook was disabled, other than by its owner."""

    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where a workspace has its messages of other channels sent; there is one of each workspace at most.

    Attributes:
        sealed: the signing secret. retired: the one before, which also signs until `retired_until`.
        active: whether anything is sent.
        disabled_reason: GONE when the receiver answered 410, which says that it wants no more.
    """

    workspace_id: WorkspaceId
    url: str
    sealed: bytes = field(repr=False)
    retired: bytes | None = field(default=None, repr=False)
    retired_until: datetime | None = None
    active: bool = True
    disabled_reason: DisabledReason | None = None
    version: int = 1
    created_at: datetime
    updated_at: datetime

    def edited(self, url: str, at: datetime, *, active: bool) -> Self:
        """The webhook with this address, on or off; itself when that is how it is."""
        edited = replace(self, url=url, active=active, disabled_reason=None)
        return self if edited == self else replace(edited, updated_at=at)

    def rotated(self, sealed: bytes, at: datetime) -> Self:
        """The webhook with another secret; the one that was also signs for `ROTATION`."""
        return replace(self, sealed=sealed, retired=self.sealed, retired_until=at + ROTATION, updated_at=at)

    def disabled(self, reason: DisabledReason, at: datetime) -> Self:
        """The webhook, through which nothing is sent until its owner activates it."""
        return replace(self, active=False, disabled_reason=reason, updated_at=at)

    def signing(self, at: datetime) -> tuple[bytes, ...]:
        """The sealed secrets that sign at this moment, the present one first."""
        if self.retired is None or self.retired_until is None or self.retired_until <= at:
            return (self.sealed,)
        return self.sealed, self.retired


def check_url(url: str, *, private: bool) -> str:
    """The address of a receiver; a host that is a name is checked when it is connected to, as names change.

    With `private` also http, addresses that are not public, and all ports are taken.

    Raises:
        Invalid: it is no such address.
    """
    url = url.strip()
    host = host_of(url, ("https", "http") if private else ("https",))
    if host is None:
        kind = "an http or https address" if private else "an https address"
        sentence = f"'url' is {kind} of at most {MOST} characters, without a user, a password or a fragment."
        raise Invalid(Fault("/url", "bad_url", sentence))
    if not private and is_private(host):
        raise Invalid(Fault("/url", "address_refused", _REFUSED))
    if not private and not has_web_port(url):
        raise Invalid(Fault("/url", "port_refused", _PORT_REFUSED))
    return url
