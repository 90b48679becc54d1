from typing import Any, cast
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody

from application.ports.webhooks import DeliveryView, WebhookView
from application.webhooks.deliveries import ListDeliveries, ReadDelivery, ResendDelivery
from application.webhooks.webhooks import (
    ReadWebhook,
    RemoveWebhook,
    RotateWebhookSecret,
    SendTestDelivery,
    SetWebhook,
)
from domain.access import Caller, Permission
from domain.ids import DeliveryId, WorkspaceId
from domain.pages import Page
from domain.webhooks import DeliveryStatus
from entrypoints.http.changes import Body
from entrypoints.http.edge.responses import ViewResponse
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


class WebhookBody(Body, frozen=True):
    """Where messages of channels other than the web are sent, and whether they are."""

    url: str
    active: bool = True


@get("/workspaces/{workspace_id:uuid}/webhook", opt={"permission": Permission.WEBHOOK_READ})
async def get_webhook(
    caller: NamedDependency[Caller], workspace_id: FromPath[UUID], read_webhook: NamedDependency[ReadWebhook]
) -> WebhookView:
    """The workspace's webhook, without its secret."""
    return await read_webhook(caller, WorkspaceId(workspace_id))


@put(
    "/workspaces/{workspace_id:uuid}/webhook",
    responses={201: ResponseSpec(WebhookView, generate_examples=False, description="It is new; this is its secret.")},
    opt={"permission": Permission.WEBHOOK_WRITE},
)
async def put_webhook(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[WebhookBody],
    expected_version: NamedDependency[int | None],
    set_webhook: NamedDependency[SetWebhook],
) -> Response[WebhookView]:
    """Say where messages are sent; 201 with the `secret` that signs them when there was no webhook."""
    webhook = await set_webhook(
        caller, WorkspaceId(workspace_id), data.url, active=data.active, expected=expected_version
    )
    respond = cast("type[ViewResponse]", request.app.response_class)
    return respond(webhook, status_code=201 if webhook.secret else 200)


@delete("/workspaces/{workspace_id:uuid}/webhook", opt={"permission": Permission.WEBHOOK_WRITE})
async def delete_webhook(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    remove_webhook: NamedDependency[RemoveWebhook],
) -> None:
    """Send nothing any more; what was still to be sent is cancelled."""
    await remove_webhook(caller, WorkspaceId(workspace_id), expected_version)


@post("/workspaces/{workspace_id:uuid}/webhook/rotate", status_code=200, opt={"permission": Permission.WEBHOOK_WRITE})
async def post_webhook_rotate(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    rotate_webhook_secret: NamedDependency[RotateWebhookSecret],
) -> WebhookView:
    """Sign with a new `secret`, which is shown here alone; for 24 hours the one before signs, too."""
    return await rotate_webhook_secret(caller, WorkspaceId(workspace_id), expected_version)


@post("/workspaces/{workspace_id:uuid}/webhook/test", status_code=202, opt={"permission": Permission.WEBHOOK_WRITE})
async def post_webhook_test(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    send_test_delivery: NamedDependency[SendTestDelivery],
) -> DeliveryView:
    """Send something of type `webhook.test`; the delivery tells how that went."""
    return await send_test_delivery(caller, WorkspaceId(workspace_id))


@get("/workspaces/{workspace_id:uuid}/webhook/deliveries", opt={"permission": Permission.WEBHOOK_READ})
async def get_webhook_deliveries(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_deliveries: NamedDependency[ListDeliveries],
    status: FromQuery[DeliveryStatus | None] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[DeliveryView]:
    """What was sent and is to be, newest first, with each try."""
    return await list_deliveries(caller, WorkspaceId(workspace_id), status, cursor, limit)


@get("/webhook-deliveries/{delivery_id:uuid}", opt={"permission": Permission.WEBHOOK_READ})
async def get_webhook_delivery(
    caller: NamedDependency[Caller], delivery_id: FromPath[UUID], read_delivery: NamedDependency[ReadDelivery]
) -> DeliveryView:
    """A delivery; its id is the `webhook-id` its receiver gets."""
    return await read_delivery(caller, DeliveryId(delivery_id))


@post("/webhook-deliveries/{delivery_id:uuid}/resend", status_code=202, opt={"permission": Permission.WEBHOOK_WRITE})
async def post_webhook_delivery_resend(
    caller: NamedDependency[Caller], delivery_id: FromPath[UUID], resend_delivery: NamedDependency[ResendDelivery]
) -> DeliveryView:
    """Send again what has failed or was cancelled, with all its tries."""
    return await resend_delivery(caller, DeliveryId(delivery_id))


ROUTES = (
    get_webhook,
    put_webhook,
    delete_webhook,
    post_webhook_rotate,
    post_webhook_test,
    get_webhook_deliveries,
    get_webhook_delivery,
    post_webhook_delivery_resend,
)
