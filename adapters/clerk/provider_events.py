import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from standardwebhooks import Webhook, WebhookVerificationError
from typing_extensions import override

from adapters.clerk.profiles import Profile
from application.ports.provider_events import ProviderEvents
from domain.identity import BadSignature, IdentityChanged, NotConfigured, ProviderDelivery

_TYPES = {"user.created", "user.updated", "user.deleted"}
_ID_LENGTH = 200
_NAMES = {name: f"webhook-{name.removeprefix('svix-')}" for name in ("svix-id", "svix-timestamp", "svix-signature")}


class ClerkEvents(ProviderEvents):
    """Clerk's webhooks, which Svix signs: five minutes are what its library allows.

    The library is `standardwebhooks`, which is all that `svix` itself verifies with, after giving the headers their
    other names; `svix` would bring an API client with an HTTP library and a validator of its own.

    Args:
        issuer: whose users they are, as its tokens say it.
        secrets: of the endpoint, `whsec_…`; any of them may have signed.
    """

    def __init__(self, issuer: str, secrets: Sequence[str]) -> None:
        self._issuer = issuer
        self._verifiers = [Webhook(secret) for secret in secrets]

    @override
    def read(self, headers: Mapping[str, str], body: bytes) -> ProviderDelivery:
        if not self._verifiers:
            raise NotConfigured
        signed = {ours: headers.get(theirs, "") for theirs, ours in _NAMES.items()}
        if not any(_verifies(verifier, signed, body) for verifier in self._verifiers):
            raise BadSignature
        identifier = signed["webhook-id"]
        if len(identifier) > _ID_LENGTH or not identifier.isprintable():
            raise BadSignature
        sent = datetime.fromtimestamp(float(signed["webhook-timestamp"]), UTC)
        return ProviderDelivery(id=identifier, change=self._change(_object(_parsed(body)), sent))

    def _change(self, event: Mapping[str, Any], sent: datetime) -> IdentityChanged | None:
        kind, user = event.get("type"), _object(event.get("data"))
        subject: object = user.get("id")
        if not isinstance(kind, str) or kind not in _TYPES or not isinstance(subject, str) or not subject.isprintable():
            return None
        # A user who is deleted has no time of their own; that of the event is later than all that was told of them.
        at = _moment(user.get("updated_at")) or _moment(event.get("timestamp")) or sent
        if kind == "user.deleted":
            return IdentityChanged(issuer=self._issuer, subject=subject, at=at, deleted=True)
        profile = Profile.of(user)
        return IdentityChanged(
            issuer=self._issuer,
            subject=subject,
            at=at,
            email=profile.email,
            email_verified=profile.email_verified,
            name=profile.name,
        )


def _verifies(verifier: Webhook, headers: dict[str, str], body: bytes) -> bool:
    try:
        verifier.verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # for what is no base64, no UTF-8, or no list of signatures
        return False
    return True


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _object(found: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def _moment(milliseconds: object) -> datetime | None:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
