"""The visitors' routes: whoever holds a conversation's token, and nobody else."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody

from application.conversations.ask_a_person import AskAPerson
from application.conversations.cancel_run import CancelRun
from application.conversations.erase_conversation import EraseConversation
from application.conversations.follow_conversation import FollowConversation
from application.conversations.list_messages import ListMessages
from application.conversations.post_message import PostedMessage, PostMessage, PostMessageCommand
from application.conversations.rate_message import RateMessage, RateMessageCommand
from application.conversations.read_own_conversation import OwnConversation, ReadOwnConversation
from application.conversations.start_conversation import (
    StartConversation,
    StartConversationCommand,
    StartedConversation,
)
from application.ports.conversations import MessageView, RunView
from domain.access import Caller
from domain.conversations import FeedbackValue, IfBusy
from domain.ids import ConversationId, MessageId, RunId
from domain.pages import Page
from entrypoints.http.changes import Body
from entrypoints.http.conversation_events import EVENTS, events_of
from entrypoints.http.edge.opts import ANONYMOUS, CONVERSATION, NOT_IDEMPOTENT
from entrypoints.http.edge.streams import EventStream
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit, Since

VISITOR = {"permission": "visitor"}
ANYONE = {"permission": "anyone", ANONYMOUS: True}


class NewConversation(Body, frozen=True):
    """Whom the visitor talks to, and what they tell of themselves."""

    workspace_handle: str
    visitor_name: str | None = None
    visitor_email: str | None = None


class NewMessage(Body, frozen=True):
    """What the visitor says; `idempotency_key` does what the header does."""

    content: str
    idempotency_key: str | None = None
    if_busy: IfBusy = IfBusy.QUEUE


class Feedback(Body, frozen=True):
    """What the visitor thinks of a reply."""

    value: FeedbackValue
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CancelledRun:
    """The run as it is now."""

    run: RunView


@post("/public/conversations", opt=ANYONE)
async def post_conversation(
    data: JSONBody[NewConversation], start_conversation: NamedDependency[StartConversation]
) -> StartedConversation:
    """Start a conversation; keep the token, which alone opens it."""
    command = StartConversationCommand(
        workspace_handle=data.workspace_handle, visitor_name=data.visitor_name, visitor_email=data.visitor_email
    )
    return await start_conversation(command)


@get("/public/conversations/{conversation_id:uuid}", opt=VISITOR)
async def get_own_conversation(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    read_own_conversation: NamedDependency[ReadOwnConversation],
) -> OwnConversation:
    """Who answers, and whether a person was asked for who has not come yet."""
    return await read_own_conversation(caller, ConversationId(conversation_id))


@post("/public/conversations/{conversation_id:uuid}/ask-a-person", status_code=200, opt=VISITOR)
async def post_ask_a_person(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    ask_a_person: NamedDependency[AskAPerson],
) -> OwnConversation:
    """Ask for a person of the business, who is told so."""
    return await ask_a_person(caller, ConversationId(conversation_id))


@post("/public/conversations/{conversation_id:uuid}/messages", opt={**VISITOR, CONVERSATION: "conversation_id"})
async def post_visitor_message(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    data: JSONBody[NewMessage],
    address: NamedDependency[str | None],
    post_message: NamedDependency[PostMessage],
) -> PostedMessage:
    """Say something; the assistant's reply is its run, shown by the stream."""
    command = PostMessageCommand(
        conversation_id=ConversationId(conversation_id), content=data.content, if_busy=data.if_busy, address=address
    )
    return await post_message(caller, command)


@get("/public/conversations/{conversation_id:uuid}/messages", opt=VISITOR)
async def get_messages(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    list_messages: NamedDependency[ListMessages],
    since: Since = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MessageView]:
    """What was said, oldest first; `next_cursor` is always set, so that polling can go on by `since` or `cursor`."""
    return await list_messages(caller, ConversationId(conversation_id), since or cursor, limit)


@get(
    "/public/conversations/{conversation_id:uuid}/stream",
    media_type="text/event-stream",
    response_description=EVENTS,
    responses={204: ResponseSpec(None, description="There is nothing to show, now and until a message is posted.")},
    opt=VISITOR,
)
async def get_stream(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    follow_conversation: NamedDependency[FollowConversation],
    follow: FromQuery[bool] = False,
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID", description="Resume behind it.")] = None,
) -> Response[Any]:
    """Follow the replies as server-sent events; 204 when there is nothing to show and `follow` is not asked."""
    frames = await follow_conversation(caller, ConversationId(conversation_id), last_event_id, follow=follow)
    return Response(None, status_code=204) if frames is None else EventStream(events_of(frames))


@post(
    "/public/conversations/{conversation_id:uuid}/runs/{run_id:uuid}/cancel",
    status_code=202,
    response_description="The stream will tell the end.",
    responses={200: ResponseSpec(CancelledRun, generate_examples=False, description="The reply has ended.")},
    opt={**VISITOR, NOT_IDEMPOTENT: True},
)
async def post_run_cancel(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    run_id: FromPath[UUID],
    cancel_run: NamedDependency[CancelRun],
) -> Response[CancelledRun]:
    """Stop a reply; 200 when it has ended, 202 when its stream will tell the end."""
    run = await cancel_run(caller, ConversationId(conversation_id), RunId(run_id))
    return Response(CancelledRun(run), status_code=200 if run.ended_at else 202)


@post("/public/conversations/{conversation_id:uuid}/messages/{message_id:uuid}/feedback", status_code=200, opt=VISITOR)
async def post_feedback(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    message_id: FromPath[UUID],
    data: JSONBody[Feedback],
    rate_message: NamedDependency[RateMessage],
) -> MessageView:
    """Say what you think of a reply; a later word replaces it."""
    command = RateMessageCommand(
        conversation_id=ConversationId(conversation_id),
        message_id=MessageId(message_id),
        value=data.value,
        note=data.note,
    )
    return await rate_message(caller, command)


@delete("/public/conversations/{conversation_id:uuid}", opt=VISITOR)
async def delete_conversation(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    erase_conversation: NamedDependency[EraseConversation],
) -> None:
    """Erase the conversation, all that was said in it, and its token."""
    await erase_conversation(caller, ConversationId(conversation_id))


ROUTES = (
    post_conversation,
    get_own_conversation,
    post_ask_a_person,
    post_visitor_message,
    get_messages,
    get_stream,
    post_run_cancel,
    post_feedback,
    delete_conversation,
)
