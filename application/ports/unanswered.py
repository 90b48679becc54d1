from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.conversations import ConversationsWork
from application.ports.workspaces import WorkspacesWork
from domain.ids import ConversationId, MessageId, RunId, WorkspaceId
from domain.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredView:
    """A question that the assistant did not answer.

    Attributes:
        id: of the run that did not. message_id: of the question.
        question: in the visitor's words. asked_at: when they wrote it.
        reason: `unknown` when the assistant did not know, else the public code of the run's error.
        suggestion: what a member wrote first after the question, in the same conversation; None when none has.
    """

    id: RunId
    conversation_id: ConversationId
    message_id: MessageId
    question: str
    asked_at: datetime
    reason: str
    suggestion: str | None


class UnansweredViews(Protocol):
    """The questions that wait for somebody who knows."""

    async def unanswered(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[UnansweredView]:
        """The unanswered questions of the workspace's visitors, newest runs first.

        Each is shown once, by the last of its runs that was not cancelled. It is not shown when that run answered it or
        was resolved, and is gone with its words: blanked, or erased with its conversation.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...


class UnansweredWork(ConversationsWork, WorkspacesWork, Protocol):
    """What use cases of unanswered questions touch."""
