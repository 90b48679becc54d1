"""Clerk's webhooks, as Svix sends them."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from domain.identity import IdentityChanged

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


def signed(
    event: Mapping[str, Any] | bytes,
    *,
    identifier: str = "msg_1",
    secret: str = SECRET,
    age: timedelta = timedelta(0),
) -> tuple[dict[str, str], bytes]:
    """The headers and the body of an event sent some time ago."""
    body = event if isinstance(event, bytes) else json.dumps(event, indent=2).encode()
    at = datetime.now(UTC) - age
    headers = {
        "svix-id": identifier,
        "svix-timestamp": str(int(at.timestamp())),
        "svix-signature": Webhook(secret).sign(identifier, at.replace(microsecond=0), body.decode()),
        "content-type": "application/json",
    }
    return headers, body


def event_of(change: IdentityChanged | None, kind: str = "user.updated") -> dict[str, Any]:
    """What Clerk's event is that tells the change; of None, one of another type."""
    if change is None:
        return {"type": "session.created", "object": "event", "data": {"id": "sess_1", "user_id": "user_1"}}
    at = int(change.at.timestamp() * 1000)
    if change.deleted:
        gone = {"id": change.subject, "object": "user", "deleted": True}
        return {"type": "user.deleted", "object": "event", "timestamp": at, "data": gone}
    return {
        "type": kind,
        "object": "event",
        "timestamp": at + 5_000,
        "data": user(change.subject, change.email, verified=change.email_verified, name=change.name, updated_at=at),
    }


def user(
    subject: str, email: str | None, *, verified: bool = True, name: str = "", updated_at: int = 0
) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    status = {"status": "verified" if verified else "unverified", "strategy": "email_code"}
    others = [{"id": "idn_0", "email_address": "other@example.com", "verification": {"status": "verified"}}]
    primary = [{"id": "idn_1", "email_address": email, "verification": status}] if email else []
    return {
        "id": subject,
        "object": "user",
        "first_name": first or None,
        "last_name": last or None,
        "primary_email_address_id": "idn_1" if email else None,
        "email_addresses": others + primary,
        "created_at": 0,
        "updated_at": updated_at,
    }
