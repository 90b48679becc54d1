from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from application.conversations.unanswered import (
    AddedKnowledge,
    AnswerQuestion,
    AnswerQuestionCommand,
    DismissQuestion,
    ListUnanswered,
)
from application.ports.unanswered import UnansweredView
from domain.access import Caller, Permission
from domain.ids import RunId, WorkspaceId
from domain.pages import Page
from entrypoints.http.changes import Body
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


class NewKnowledge(Body, frozen=True):
    """The answer (Markdown); `question` in better words than the visitor's, if you have them."""

    answer: str
    question: str | None = None


@get("/workspaces/{workspace_id:uuid}/unanswered", opt={"permission": Permission.CONVERSATION_READ})
async def get_unanswered(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_unanswered: NamedDependency[ListUnanswered],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[UnansweredView]:
    """The questions that the assistant did not answer and nobody has seen to, newest first."""
    return await list_unanswered(caller, WorkspaceId(workspace_id), cursor, limit)


@post(
    "/workspaces/{workspace_id:uuid}/unanswered/{run_id:uuid}/knowledge",
    status_code=200,
    opt={"permission": Permission.WORKSPACE_WRITE},
)
async def post_knowledge(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    run_id: FromPath[UUID],
    data: JSONBody[NewKnowledge],
    answer_question: NamedDependency[AnswerQuestion],
) -> AddedKnowledge:
    """Add the question with its answer to the knowledge base; whoever asks next is answered."""
    command = AnswerQuestionCommand(
        workspace_id=WorkspaceId(workspace_id), run_id=RunId(run_id), answer=data.answer, question=data.question
    )
    return await answer_question(caller, command)


@post(
    "/workspaces/{workspace_id:uuid}/unanswered/{run_id:uuid}/dismiss",
    status_code=204,
    opt={"permission": Permission.CONVERSATION_WRITE},
)
async def post_dismissal(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    run_id: FromPath[UUID],
    dismiss_question: NamedDependency[DismissQuestion],
) -> None:
    """Take the question from the list."""
    await dismiss_question(caller, WorkspaceId(workspace_id), RunId(run_id))


ROUTES = (get_unanswered, post_knowledge, post_dismissal)
