from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from typing_extensions import override

from adapters.postgres.statements import Command, Database, Queries, Statement
from adapters.postgres.tables import idempotency_keys
from application.ports.idempotency import KEYS_KEPT, IdempotencyKeys, KeyUsed, RequestKey, StoredAnswer, memory_of
from domain.ids import ConversationId

_t = idempotency_keys.c
_insert = insert(idempotency_keys)
_TAKE = Command(
    _insert.on_conflict_do_update(
        index_elements=[_t.scope, _t.key],
        set_={"digest": _insert.excluded.digest, "answer": None, "created_at": _insert.excluded.created_at},
        where=_t.created_at < _insert.excluded.created_at - KEYS_KEPT,
    ),
    columns=["scope", "key", "digest", "created_at"],
)
_KEEP = Command(
    update(idempotency_keys).where(_t.scope == bindparam("of_scope"), _t.key == bindparam("of_key")),
    columns=["answer", "conversation_id", "memory_id"],
)
_FIND = Statement(
    select(_t.digest, _t.answer).where(
        _t.scope == bindparam("scope"), _t.key == bindparam("key"), _t.created_at >= bindparam("since")
    ),
    StoredAnswer,
)
_PURGE = Command(delete(idempotency_keys).where(_t.created_at < bindparam("before")))


class PostgresIdempotencyKeys(IdempotencyKeys):
    """Keys, as rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def find(self, scope: bytes, key: str, *, since: datetime) -> StoredAnswer | None:
        return await self._database.one(_FIND, scope=scope, key=key, since=since)

    @override
    async def purge(self, before: datetime) -> int:
        return await self._database.run(_PURGE, before=before)


async def take_key(queries: Queries, request: RequestKey, at: datetime) -> None:
    """Holds the key until the transaction ends; waits for whoever holds it now.

    Raises:
        KeyUsed: it was committed with less than `KEYS_KEPT` before `at`.
    """
    taken = await queries.run(_TAKE, scope=request.scope, key=request.key, digest=request.digest, created_at=at)
    if not taken:
        raise KeyUsed


async def keep_answer(
    queries: Queries, request: RequestKey, answer: object, conversation_id: ConversationId | None
) -> None:
    """Stores the answer under the key that was taken, to be erased with the conversation, or a memory it tells of.

    Raises:
        NotFound: there is no such conversation or memory any more.
    """
    # Only here, where the unit holds its locks: had taking the key locked the conversation for its foreign key, a
    # post and an erasure would wait for each other.
    await queries.run(
        _KEEP,
        of_scope=request.scope,
        of_key=request.key,
        answer=request.seal(answer),
        conversation_id=conversation_id,
        memory_id=memory_of(answer),
    )
