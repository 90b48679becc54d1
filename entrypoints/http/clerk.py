from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency

from application.identity.apply_provider_event import ApplyProviderEvent
from domain.identity import ProviderOutcome
from entrypoints.http.edge.opts import ANONYMOUS, NOT_IDEMPOTENT

_LARGEST_EVENT = 2**18


class EventTaken(msgspec.Struct, frozen=True):
    """What became of an event: whichever it is, it need not be sent again."""

    status: ProviderOutcome


@post(
    "/webhooks/clerk",
    status_code=200,
    request_max_body_size=_LARGEST_EVENT,
    opt={"permission": "anyone", ANONYMOUS: True, NOT_IDEMPOTENT: True},
)
async def post_clerk_event(
    request: Request[Any, Any, Any],
    apply_provider_event: NamedDependency[ApplyProviderEvent],
) -> EventTaken:
    """For Clerk alone, which signs what it sends: the endpoint to name in its dashboard for the events of users.

    A body that is not signed with CLERK_WEBHOOK_SECRET is answered 400 `bad_signature`; without that setting each is
    503 `not_configured`.
    """
    return EventTaken(await apply_provider_event(request.headers, await request.body()))


ROUTES = (post_clerk_event,)
