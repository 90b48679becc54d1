from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from application.conversations.receive_message import ReceivedMessage, ReceiveMessage, ReceiveMessageCommand, Sender
from domain.access import Caller, Permission
from domain.conversations import Channel
from domain.ids import WorkspaceId
from entrypoints.http.changes import Body
from entrypoints.http.edge.opts import THREAD
from entrypoints.http.edge.responses import ViewResponse

ExternalId = Annotated[str, Meta(min_length=1, max_length=200, description="The channel's own id.")]


class InboundSender(Body, frozen=True):
    """What the channel knows of who wrote; the conversation keeps what it did not know yet."""

    name: str | None = None
    email: str | None = None
    id: ExternalId | None = None


class InboundMessage(Body, frozen=True):
    """A message as a bridge brings it: the thread names the conversation, and the message's id makes repeats safe."""

    thread_id: ExternalId
    message_id: ExternalId
    text: str
    sender: InboundSender | None = None


@post(
    "/workspaces/{workspace_id:uuid}/inbound/{channel:str}",
    responses={200: ResponseSpec(ReceivedMessage, generate_examples=False, description="It was brought before.")},
    opt={"permission": Permission.INBOUND_WRITE, THREAD: True},
)
async def post_inbound_message(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    channel: FromPath[Channel],
    data: JSONBody[InboundMessage],
    receive_message: NamedDependency[ReceiveMessage],
) -> Response[ReceivedMessage]:
    """Bring a visitor's message from its channel; bringing it again is answered 200 and changes nothing."""
    known = data.sender or InboundSender()
    sender = Sender(name=known.name, email=known.email, id=known.id)
    command = ReceiveMessageCommand(
        workspace_id=WorkspaceId(workspace_id),
        channel=channel,
        thread_id=data.thread_id,
        message_id=data.message_id,
        sender=sender,
        text=data.text,
    )
    received, new = await receive_message(caller, command)
    respond = cast("type[ViewResponse]", request.app.response_class)
    return respond(received, status_code=201 if new else 200)


ROUTES = (post_inbound_message,)
