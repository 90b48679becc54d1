from typing_extensions import override

from adapters.memory.pages import newest_first
from adapters.memory.store import MemoryStore
from application.ports.unanswered import UnansweredView, UnansweredViews
from domain.conversations import Message, MessageRole, Run
from domain.ids import WorkspaceId
from domain.pages import Page


class MemoryUnansweredViews(UnansweredViews):
    """Committed questions."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def unanswered(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[UnansweredView]:
        runs = self._store.runs.rows.values()
        waiting = [run for run in runs if run.workspace_id == workspace_id and self._waits(run)]
        page = newest_first(waiting, cursor, limit)
        return Page(items=[self._view(run) for run in page.items], next_cursor=page.next_cursor)

    def _waits(self, run: Run) -> bool:
        if self._store.conversations.rows[run.conversation_id].user_id is not None:
            return False
        if run.answered is not False or run.resolved_at is not None or self._question(run).blanked_at is not None:
            return False
        others = (other for other in self._store.runs.rows.values() if other.message_id == run.message_id)
        return not any(other.turn > run.turn and other.answered is not None for other in others)

    def _question(self, run: Run) -> Message:
        return self._store.messages.rows[run.message_id]

    def _view(self, run: Run) -> UnansweredView:
        question = self._question(run)
        return UnansweredView(
            id=run.id,
            conversation_id=run.conversation_id,
            message_id=question.id,
            question=question.content,
            asked_at=question.created_at,
            reason=str(run.error or "unknown"),
            suggestion=self._suggestion(question),
        )

    def _suggestion(self, question: Message) -> str | None:
        messages = self._store.messages.rows.values()
        by_members = [
            said
            for said in messages
            if said.conversation_id == question.conversation_id
            and said.role is MessageRole.MEMBER
            and said.position > question.position
            and said.blanked_at is None
        ]
        return min(by_members, key=lambda said: said.position).content if by_members else None
