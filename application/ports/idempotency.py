"""How a repeated request is known: the unit of work keeps its key and answer with the effects themselves."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from application.ports.memories import MemoryView
from domain.ids import ConversationId, MemoryId

KEYS_KEPT = timedelta(hours=24)
"""How long a repeat is known after the request it repeats."""


class KeyUsed(Exception):
    """A unit of work with this key has committed: the request is a repeat, and its answer is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """The idempotency key of the request being served.

    Attributes:
        scope: actor (of one who calls with a key, the key too), method and path, hashed: keys of different scopes
            never meet.
        digest: SHA-256 of the body, to tell a repeat from another request under the same key.
        conversation_id: the visitor's who asks; None for everyone else. Key and answer are erased with it, or else with
            the conversation that the unit of work adds or locks.
        seal: makes the stored form of the answer a commit was given.
    """

    scope: bytes
    key: str
    digest: bytes
    conversation_id: ConversationId | None = None
    seal: Callable[[object], bytes] = field(repr=False)


def memory_of(answer: object) -> MemoryId | None:
    """The memory that an answer tells of, with which it and its key are erased; None when it tells of none."""
    return answer.id if isinstance(answer, MemoryView) else None


REQUEST_KEY: ContextVar[RequestKey | None] = ContextVar("request_key", default=None)
"""Set by the entrypoint around a request; read by every unit of work that is begun in it without a claim.

The first of them to commit stores its answer under the key and sets this to None, so that later ones of the request
carry none: a repeat of the request gets the answer of the first, however many followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """What a committed request was answered."""

    digest: bytes
    answer: bytes = field(repr=False)


class IdempotencyKeys(Protocol):
    """The keys that units of work have committed with."""

    async def find(self, scope: bytes, key: str, *, since: datetime) -> StoredAnswer | None:
        """The answer stored under the key at or after `since`."""
        ...

    async def purge(self, before: datetime) -> int:
        """Forgets the keys stored before then; returns how many."""
        ...
