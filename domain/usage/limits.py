from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.activity import Event
from domain.actors import Subject
from domain.ids import ConversationId
from domain.usage.entries import UsageEntry
from domain.workspaces import WorkspaceLimits


class Limit(StrEnum):
    """What a limit is for: a workspace's day, a conversation, or a visitor's address and day."""

    DAY = "day"
    CONVERSATION = "conversation"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Tokens, reserved ones too, of each kind of limit; 0 where none was looked for."""

    day: int = 0
    conversation: int = 0
    visitor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedLimit:
    """A limit that no further call may be made under: so many `tokens`, of which `spent` are used up."""

    limit: Limit
    tokens: int
    spent: int


def limited(entry: UsageEntry, limits: WorkspaceLimits) -> frozenset[Limit]:
    """The limits that bind the call of `entry`."""
    bound = {
        Limit.DAY: limits.tokens_per_day is not None,
        Limit.VISITOR: limits.tokens_per_visitor is not None and entry.origin is not None,
        Limit.CONVERSATION: limits.tokens_per_conversation is not None,
    }
    return frozenset(limit for limit, binds in bound.items() if binds)


def scope_of(entry: UsageEntry, limit: Limit) -> bytes:
    """What of a workspace the limit is for where it binds `entry`: all of it (empty), a conversation or an origin."""
    scopes = {Limit.DAY: b"", Limit.VISITOR: entry.origin or b"", Limit.CONVERSATION: entry.conversation_id.bytes}
    return scopes[limit]


def reached(limits: WorkspaceLimits, spent: Spent) -> ReachedLimit | None:
    """The limit that is reached, of several the widest; None when another call may be made.

    The call may go beyond the limit, which nobody can know before: it is overspent by one call at most.
    """
    for limit, tokens, used in (
        (Limit.DAY, limits.tokens_per_day, spent.day),
        (Limit.VISITOR, limits.tokens_per_visitor, spent.visitor),
        (Limit.CONVERSATION, limits.tokens_per_conversation, spent.conversation),
    ):
        if tokens is not None and used >= tokens:
            return ReachedLimit(limit=limit, tokens=tokens, spent=used)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached(Event):
    """The assistant has stopped answering; told once for each limit and day, or conversation.

    Attributes:
        conversation_id: the one in which it was noticed first.
        limit: `day`, `conversation` or `visitor`.
        tokens: that the limit allows. spent: that were used up.
    """

    type: ClassVar[str] = "limit.reached"
    conversation_id: ConversationId
    limit: str
    tokens: int
    spent: int

    @property
    def subject(self) -> Subject:
        whole = self.limit != Limit.CONVERSATION
        return Subject("workspace", self.workspace_id) if whole else Subject("conversation", self.conversation_id)
