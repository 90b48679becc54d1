from datetime import datetime

from typing_extensions import override

from adapters.memory.store import AnsweredKey, MemoryStore
from adapters.memory.table import Transaction
from application.ports.idempotency import IdempotencyKeys, KeyUsed, RequestKey, StoredAnswer, memory_of
from domain.errors import NotFound
from domain.ids import ConversationId


class MemoryIdempotencyKeys(IdempotencyKeys):
    """Committed keys."""

    def __init__(self, store: MemoryStore) -> None:
        self._keys = store.idempotency_keys

    @override
    async def find(self, scope: bytes, key: str, *, since: datetime) -> StoredAnswer | None:
        found = self._keys.rows.get((scope, key))
        return found.answer if found is not None and found.at >= since else None

    @override
    async def purge(self, before: datetime) -> int:
        old = [name for name, found in self._keys.rows.items() if found.at < before]
        for name in old:
            del self._keys.rows[name]
        return len(old)


async def take_key(store: MemoryStore, transaction: Transaction, request: RequestKey, since: datetime) -> None:
    """Holds the key until the transaction ends; waits for whoever holds it now.

    Raises:
        KeyUsed: it was committed with at `since` or later.
    """
    found = await transaction.locked(store.idempotency_keys, (request.scope, request.key))
    if found is not None and found.at >= since:
        raise KeyUsed


async def keep_answer(
    store: MemoryStore, transaction: Transaction, request: RequestKey, answer: object, at: datetime
) -> None:
    """Stores the answer under the key that was taken, to be erased with the conversation, or a memory it tells of.

    Raises:
        NotFound: there is no such conversation or memory any more.
    """
    conversation_id = request.conversation_id or _locked(store, transaction)
    if conversation_id and await transaction.locked(store.conversations, conversation_id) is None:
        raise NotFound
    memory_id = memory_of(answer)
    if memory_id and await transaction.locked(store.memories, memory_id) is None:
        raise NotFound
    stored = StoredAnswer(digest=request.digest, answer=request.seal(answer))
    row = AnsweredKey(request.scope, request.key, at, conversation_id, memory_id, stored)
    await transaction.put(store.idempotency_keys, row)


def _locked(store: MemoryStore, transaction: Transaction) -> ConversationId | None:
    """The conversation that the transaction has added or locked."""
    return next((found.id for found in transaction.held(store.conversations)), None)
