from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.actors import Actor
from domain.errors import NotFound
from domain.ids import ConversationId, MessageId, RunId, WorkspaceId
from domain.json import JsonValue, json_of
from domain.text import optional_text

CONTENT_LENGTH = 8_000


class MessageRole(StrEnum):
    """Whose words a message holds; fixed by the way it came, never by its sender."""

    VISITOR = "visitor"
    ASSISTANT = "assistant"
    MEMBER = "member"
    SYSTEM = "system"


class MessageStatus(StrEnum):
    """Whether the text is all that was meant."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class FeedbackValue(StrEnum):
    """A visitor's thumb."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Words said in a conversation.

    Attributes:
        position: its place in the order of arrival, from 1.
        turn: its own place in the order of reading, or for an assistant's message that of the run which made it; a
            reply has the turn of its question unless it was made later once more.
        run_id: for an assistant's message, the run that made it.
        external_id: the channel's own id of a message that arrived through one.
        blanked_at: when its content was taken away.
    """

    id: MessageId
    conversation_id: ConversationId
    workspace_id: WorkspaceId
    position: int
    turn: int
    role: MessageRole
    author: Actor
    content: str
    status: MessageStatus = MessageStatus.COMPLETE
    run_id: RunId | None = None
    external_id: str | None = None
    metadata: Mapping[str, JsonValue]
    created_at: datetime
    blanked_at: datetime | None = None

    @property
    def is_findable(self) -> bool:
        """Whether a search may find it: what somebody said, and nobody has taken away."""
        return self.blanked_at is None and self.role is not MessageRole.SYSTEM

    def rated(self, value: FeedbackValue, note: str | None, at: datetime) -> Self:
        """The message with the visitor's feedback, which replaces an earlier one.

        Raises:
            NotFound: it is not the assistant's, or was blanked.
        """
        if self.role is not MessageRole.ASSISTANT or self.blanked_at is not None:
            raise NotFound
        note = optional_text(note, at="/note", most=2_000)
        feedback: JsonValue = {"value": str(value), "note": note, "at": json_of(at)}
        return replace(self, metadata={**self.metadata, "feedback": feedback})

    def blanked(self, at: datetime) -> Self:
        """The message without its content and what was noted about it; its place stays, and whose it was."""
        return replace(self, content="", metadata={}, blanked_at=self.blanked_at or at)
