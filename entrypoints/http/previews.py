from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from application.conversations.preview_reply import PreviewReply, PreviewReplyCommand, ReplyPreview
from domain.access import Caller, Permission
from domain.ids import WorkspaceId
from entrypoints.http.changes import Body
from entrypoints.http.edge.opts import NOT_IDEMPOTENT, PREVIEW


class NewPreview(Body, frozen=True):
    """A visitor's question, and the knowledge base (Markdown) to answer it from, if not the one that is stored."""

    question: str
    knowledge_base: str | None = None


@post(
    "/workspaces/{workspace_id:uuid}/assistant/preview",
    status_code=200,
    opt={"permission": Permission.WORKSPACE_WRITE, NOT_IDEMPOTENT: True, PREVIEW: True},
)
async def post_preview(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[NewPreview],
    preview_reply: NamedDependency[PreviewReply],
) -> ReplyPreview:
    """What the assistant would answer a visitor; nothing is stored, and its tokens count against the limits."""
    command = PreviewReplyCommand(
        workspace_id=WorkspaceId(workspace_id), question=data.question, knowledge_base=data.knowledge_base
    )
    return await preview_reply(caller, command)


ROUTES = (post_preview,)
