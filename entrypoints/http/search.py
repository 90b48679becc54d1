from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from application.knowledge.note_recalled import NoteRecalled
from application.knowledge.search import Search, SearchCommand, SearchResult
from domain.access import Caller, Permission
from domain.errors import Unavailable
from domain.ids import CollectionId, MemoryId, UserId, WorkspaceId
from domain.knowledge import Scope, SourceKind
from domain.memories import Tier
from entrypoints.http.changes import Body
from entrypoints.http.edge.opts import NOT_IDEMPOTENT, READS
from entrypoints.http.edge.responses import ViewResponse


class Query(Body, frozen=True):
    """What to look for, and where; what is empty or absent filters nothing.

    `tiers`, `collections` and `tags` are of memories: with one of them nothing else is found. `since` is included,
    `until` is not. `limit` is 1 to 50.
    """

    query: str
    scopes: tuple[Scope, ...] = ()
    kinds: tuple[SourceKind, ...] = ()
    tiers: tuple[Tier, ...] = ()
    collections: tuple[UUID, ...] = ()
    tags: tuple[str, ...] = ()
    owner_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 10


@post(
    "/workspaces/{workspace_id:uuid}/search",
    status_code=200,
    opt={"permission": Permission.DOCUMENT_READ, NOT_IDEMPOTENT: True, READS: True},
)
async def post_search(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[Query],
    search: NamedDependency[Search],
    note_recalled: NamedDependency[NoteRecalled],
) -> Response[SearchResult]:
    """What is found by words and by meaning in documents, one's own memories and those that others share, best first.

    When `kinds` names them also in messages: `message` is what one said to one's companion and it replied,
    `visitor_message` what was said in visitors' conversations, which are found about a minute later. Memories and
    messages are found by those alone who may read memories besides documents, visitors' messages by those who may read
    conversations besides.
    """
    result = await search(caller, _command(WorkspaceId(workspace_id), data))
    return ViewResponse(result, background=BackgroundTask(_note, note_recalled, result.memory_ids))


async def _note(note_recalled: NoteRecalled, memory_ids: Collection[MemoryId]) -> None:
    with suppress(Unavailable):  # a count more or less
        await note_recalled(memory_ids)


def _command(workspace_id: WorkspaceId, data: Query) -> SearchCommand:
    return SearchCommand(
        workspace_id=workspace_id,
        query=data.query,
        scopes=frozenset(data.scopes),
        kinds=frozenset(data.kinds),
        tiers=frozenset(data.tiers),
        collections=frozenset(map(CollectionId, data.collections)),
        tags=frozenset(data.tags),
        owner_id=None if data.owner_id is None else UserId(data.owner_id),
        since=data.since,
        until=data.until,
        limit=data.limit,
    )


ROUTES = (post_search,)
