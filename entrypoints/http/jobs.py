from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter

from application.jobs.cancel_job import CancelJob
from application.jobs.follow_job import FollowJob
from application.jobs.read_jobs import ListJobs, ReadJob
from application.jobs.replay_job import ReplayJob
from application.ports.jobs import JobView
from domain.access import Caller, Permission
from domain.ids import JobId, WorkspaceId
from domain.jobs import JobStatus
from domain.pages import Page
from entrypoints.http.edge.opts import NOT_IDEMPOTENT
from entrypoints.http.edge.streams import EventStream, ServerEvent
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


@get("/workspaces/{workspace_id:uuid}/jobs", opt={"permission": Permission.JOB_READ})
async def get_jobs(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_jobs: NamedDependency[ListJobs],
    status: FromQuery[JobStatus | None] = None,
    job_type: Annotated[str | None, QueryParameter(name="type", max_length=100)] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[JobView]:
    """The workspace's jobs, newest first."""
    return await list_jobs(caller, WorkspaceId(workspace_id), status, job_type, cursor, limit)


@get("/jobs/{job_id:uuid}", opt={"permission": Permission.JOB_READ})
async def get_job(
    caller: NamedDependency[Caller], job_id: FromPath[UUID], read_job: NamedDependency[ReadJob]
) -> JobView:
    """A job."""
    return await read_job(caller, JobId(job_id))


@post(
    "/jobs/{job_id:uuid}/cancel",
    status_code=202,
    response_description="Its worker has been told.",
    responses={200: ResponseSpec(JobView, generate_examples=False, description="It is over.")},
    opt={"permission": Permission.JOB_WRITE, NOT_IDEMPOTENT: True},
)
async def post_job_cancel(
    caller: NamedDependency[Caller], job_id: FromPath[UUID], cancel_job: NamedDependency[CancelJob]
) -> Response[JobView]:
    """Stop a job; 200 when it waited and is over, 202 when its worker has been told."""
    job = await cancel_job(caller, JobId(job_id))
    return Response(job, status_code=200 if job.ended_at else 202)


@post("/jobs/{job_id:uuid}/replay", status_code=200, opt={"permission": Permission.JOB_WRITE})
async def post_job_replay(
    caller: NamedDependency[Caller], job_id: FromPath[UUID], replay_job: NamedDependency[ReplayJob]
) -> JobView:
    """Run a dead or cancelled job again."""
    return await replay_job(caller, JobId(job_id))


@get(
    "/jobs/{job_id:uuid}/stream",
    media_type="text/event-stream",
    response_description="`event: job`, at once and after each change; `data` is the whole JobView as JSON. The stream "
    "closes after one whose `ended_at` is set. A comment comes in silence.",
    opt={"permission": Permission.JOB_READ},
)
async def get_job_stream(
    caller: NamedDependency[Caller], job_id: FromPath[UUID], follow_job: NamedDependency[FollowJob]
) -> Response[Any]:
    """Follow a job as server-sent events (`event: job`, the whole job) until it ends."""
    return EventStream(_events(await follow_job(caller, JobId(job_id))))


async def _events(views: AsyncGenerator[JobView | None, None]) -> AsyncGenerator[ServerEvent | None, None]:
    async with aclosing(views):
        async for view in views:
            yield ServerEvent(event="job", data=view) if view else None


ROUTES = (get_jobs, get_job, post_job_cancel, post_job_replay, get_job_stream)
