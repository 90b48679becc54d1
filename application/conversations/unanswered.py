"""The questions that the assistant did not answer, and what members do about them."""

from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.unanswered import UnansweredView, UnansweredViews, UnansweredWork
from application.ports.unit_of_work import Begin
from application.workspaces.keep_edited import keep_edited
from domain.access import Caller, Permission
from domain.actors import Actor
from domain.conversations import Run, RunResolved
from domain.errors import NotFound
from domain.ids import RunId, WorkspaceId
from domain.knowledge import heading_of, with_answer
from domain.pages import Page
from domain.text import optional_text, text

_ANSWER_LENGTH = 20_000
_QUESTION_LENGTH = 8_000


@dataclass(frozen=True, slots=True)
class ListUnanswered:
    """Shows the questions that wait for somebody who knows."""

    views: UnansweredViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, cursor: str | None, limit: int
    ) -> Page[UnansweredView]:
        """The questions, newest first.

        Raises:
            NotFound, Forbidden: the caller may not. InvalidCursor: as the view says.
        """
        caller.must(Permission.CONVERSATION_READ, workspace_id)
        return await self.views.unanswered(workspace_id, cursor, limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestionCommand:
    """The answer to a question, told by the id of the run that knew none; `question` in better words, if any."""

    workspace_id: WorkspaceId
    run_id: RunId
    answer: str
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedKnowledge:
    """Where the answer is now: under which heading of the knowledge base, since which version of the workspace."""

    workspace_version: int
    heading: str


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """Makes an unanswered question and its answer a part of what the assistant knows, from the next question on."""

    begin: Begin[UnansweredWork]
    clock: Clock

    async def __call__(self, caller: Caller, command: AnswerQuestionCommand) -> AddedKnowledge:
        """Where the answer is now.

        Raises:
            NotFound: the caller may not, there is no such question, or its words are gone and no others given.
            Forbidden: the caller may not. QuestionResolved: somebody was faster.
            Invalid: the answer or the question cannot be taken, or the knowledge base would be too large.
            EditConflict: the workspace was changed at the same time.
        """
        caller.must(Permission.WORKSPACE_WRITE, command.workspace_id)
        answer = text(command.answer, at="/answer", least=1, most=_ANSWER_LENGTH)
        better = optional_text(command.question, at="/question", most=_QUESTION_LENGTH)
        now = self.clock.now()
        async with self.begin() as work:
            run = await _locked(work, command.workspace_id, command.run_id)
            await work.runs.save(run.resolved(now), because=_resolved(run, "knowledge", caller.actor, now))
            question = better or (await work.messages.get(run.conversation_id, run.message_id)).content
            if not question:
                raise NotFound
            workspace = await work.workspaces.get(command.workspace_id)
            knowledge = with_answer(workspace.knowledge_base, question, answer)
            edited = workspace.edited({"knowledge_base": knowledge}, now)
            saved = await keep_edited(work, workspace, edited, {"knowledge_base"}, by=caller.actor)
            added = AddedKnowledge(workspace_version=saved.version, heading=heading_of(question))
            return await work.commit(added)


@dataclass(frozen=True, slots=True)
class DismissQuestion:
    """Takes a question from the list of the unanswered ones."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, run_id: RunId) -> None:
        """Nothing; it is not shown any more.

        Raises:
            NotFound, Forbidden: the caller may not, or there is no such question.
            QuestionResolved: somebody was faster.
        """
        caller.must(Permission.CONVERSATION_WRITE, workspace_id)
        now = self.clock.now()
        async with self.begin() as work:
            run = await _locked(work, workspace_id, run_id)
            await work.runs.save(run.resolved(now), because=_resolved(run, "dismissed", caller.actor, now))
            await work.commit(None)


async def _locked(work: ConversationsWork, workspace_id: WorkspaceId, run_id: RunId) -> Run:
    run = await work.runs.get(run_id)
    if run.workspace_id != workspace_id:
        raise NotFound
    if (await work.conversations.lock(run.conversation_id)).user_id is not None:
        raise NotFound
    return await work.runs.get(run_id)  # as it is now that nobody else changes it


def _resolved(run: Run, resolution: str, by: Actor, at: datetime) -> RunResolved:
    return RunResolved(
        workspace_id=run.workspace_id,
        actor=by,
        at=at,
        conversation_id=run.conversation_id,
        run_id=run.id,
        resolution=resolution,
    )
