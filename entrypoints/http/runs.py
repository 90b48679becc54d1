from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, HeaderParameter

from application.conversations.cancel_run_as_member import CancelRunAsMember
from application.conversations.list_runs import ListRuns
from application.conversations.read_run import ReadRun
from application.conversations.retry_run import RetriedRun, RetryRun
from application.conversations.watch_conversation import WatchConversation
from application.ports.conversations import RunView
from domain.access import Caller
from domain.ids import ConversationId, RunId
from domain.pages import Page
from entrypoints.http.conversation_events import EVENTS, events_of
from entrypoints.http.conversations import READ, WRITE
from entrypoints.http.edge.opts import NOT_IDEMPOTENT
from entrypoints.http.edge.streams import EventStream
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit
from entrypoints.http.public_chat import CancelledRun


@get("/conversations/{conversation_id:uuid}/runs", opt=READ)
async def get_runs(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    list_runs: NamedDependency[ListRuns],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[RunView]:
    """How the replies were made, the newest first."""
    return await list_runs(caller, ConversationId(conversation_id), cursor, limit)


@get("/runs/{run_id:uuid}", opt=READ)
async def get_run(
    caller: NamedDependency[Caller], run_id: FromPath[UUID], read_run: NamedDependency[ReadRun]
) -> RunView:
    """How a reply was made."""
    return await read_run(caller, RunId(run_id))


@post(
    "/runs/{run_id:uuid}/cancel",
    status_code=202,
    response_description="The stream will tell the end.",
    responses={200: ResponseSpec(CancelledRun, generate_examples=False, description="The reply has ended.")},
    opt={**WRITE, NOT_IDEMPOTENT: True},
)
async def post_member_run_cancel(
    caller: NamedDependency[Caller],
    run_id: FromPath[UUID],
    cancel_run_as_member: NamedDependency[CancelRunAsMember],
) -> Response[CancelledRun]:
    """Stop a reply; 200 when it has ended, 202 when its stream will tell the end."""
    run = await cancel_run_as_member(caller, RunId(run_id))
    return Response(CancelledRun(run), status_code=200 if run.ended_at else 202)


@post("/runs/{run_id:uuid}/retry", opt=WRITE)
async def post_run_retry(
    caller: NamedDependency[Caller], run_id: FromPath[UUID], retry_run: NamedDependency[RetryRun]
) -> RetriedRun:
    """Have a message answered once more whose run failed or was cancelled; 409 `run_not_retryable` for any other."""
    return await retry_run(caller, RunId(run_id))


@get(
    "/conversations/{conversation_id:uuid}/stream",
    media_type="text/event-stream",
    response_description=EVENTS,
    responses={204: ResponseSpec(None, description="There is nothing to show, now and until somebody speaks.")},
    opt=READ,
)
async def get_conversation_stream(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    watch_conversation: NamedDependency[WatchConversation],
    follow: FromQuery[bool] = False,
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID", description="Resume behind it.")] = None,
) -> Response[Any]:
    """Follow both sides as server-sent events; 204 when there is nothing to show and `follow` is not asked."""
    frames = await watch_conversation(caller, ConversationId(conversation_id), last_event_id, follow=follow)
    return Response(None, status_code=204) if frames is None else EventStream(events_of(frames))


ROUTES = (get_runs, get_run, post_member_run_cancel, post_run_retry, get_conversation_stream)
