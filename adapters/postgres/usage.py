from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, cast, delete, func, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement
from typing_extensions import override

from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Database, Queries, Statement
from adapters.postgres.tables import noticed_limits, usage_entries
from application.ports.usage import (
    UsageLedger,
    UsageOrigins,
)
from domain.usage import Limit, ReachedLimit, Spent, UsageEntry, limited, scope_of
from domain.workspaces import WorkspaceLimits

_t = usage_entries.c
_ENTRIES = Mapped(UsageEntry, usage_entries)
_ADD = _ENTRIES.inserting()
_SETTLED = ["model", "input_tokens", "output_tokens", "cost_amount", "cost_currency", "estimated"]
_SETTLE = Command(update(usage_entries).where(_t.id == bindparam("key")), columns=_SETTLED)
# Not the workspace's row: whoever edits the workspace does not wait for calls of models, nor they for them.
_LOCK = Command(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text()), 0))))
_NOTICE = Command(
    insert(noticed_limits).on_conflict_do_nothing(), columns=[column.name for column in noticed_limits.columns]
)
_FORGET_ORIGINS = Command(
    update(usage_entries).where(_t.day < bindparam("before"), _t.origin.is_not(None)).values(origin=null())
)
_FORGET_NOTICED = Command(delete(noticed_limits).where(noticed_limits.c.day < bindparam("before")))

_of_workspace = _t.workspace_id == bindparam("workspace_id")
_COUNTED: Mapping[Limit, tuple[ColumnElement[bool], ...]] = {
    Limit.DAY: (_of_workspace, _t.day == bindparam("day")),
    Limit.VISITOR: (_of_workspace, _t.day == bindparam("day"), _t.origin == bindparam("origin")),
    Limit.CONVERSATION: (_of_workspace, _t.conversation_id == bindparam("conversation_id")),
}


@cache
def _spent(limits: frozenset[Limit]) -> Statement[Spent]:
    used = cast(func.coalesce(func.sum(_t.input_tokens + _t.output_tokens), 0), BigInteger())
    sums = (select(used).where(*_COUNTED[limit]).scalar_subquery().label(limit) for limit in sorted(limits))
    return Statement(select(*sums), _made_spent)


def _made_spent(**tokens: int) -> Spent:
    return Spent(**tokens)


class PostgresUsageLedger(UsageLedger):
    """The ledger, as rows."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @override
    async def spent(self, entry: UsageEntry, limits: WorkspaceLimits) -> Spent:
        looked_at = limited(entry, limits)
        if not looked_at:
            return Spent()
        await self._lock(entry, looked_at)
        values = {"workspace_id": entry.workspace_id, **_values(entry, looked_at)}
        # A statement of its own, as one sees what was committed when it began, not when it got a lock.
        return await self._queries.one(_spent(looked_at), **values) or Spent()

    @override
    async def add(self, entry: UsageEntry) -> None:
        await self._queries.run(_ADD, **_ENTRIES.values(entry))

    @override
    async def settle(self, entry: UsageEntry) -> None:
        values = _ENTRIES.values(entry)
        await self._queries.run(_SETTLE, key=entry.id, **{name: values[name] for name in _SETTLED})

    @override
    async def notice(self, entry: UsageEntry, reached: ReachedLimit) -> bool:
        values = {
            "workspace_id": entry.workspace_id,
            "day": entry.day,
            "kind": reached.limit,
            "scope": scope_of(entry, reached.limit),
            "tokens": reached.tokens,
        }
        return bool(await self._queries.run(_NOTICE, **values))

    async def _lock(self, entry: UsageEntry, limits: frozenset[Limit]) -> None:
        if Limit.DAY in limits:
            await self._queries.run(_LOCK, name=f"usage {entry.workspace_id}")
        elif Limit.VISITOR in limits and entry.origin is not None:
            await self._queries.run(_LOCK, name=f"usage {entry.workspace_id} {entry.origin.hex()}")


def _values(entry: UsageEntry, limits: frozenset[Limit]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if limits & {Limit.DAY, Limit.VISITOR}:
        values["day"] = entry.day
    if Limit.VISITOR in limits:
        values["origin"] = entry.origin
    if Limit.CONVERSATION in limits:
        values["conversation_id"] = entry.conversation_id
    return values


class PostgresUsageOrigins(UsageOrigins):
    """Origins, in the rows of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def forget(self, before: date) -> int:
        await self._database.run(_FORGET_NOTICED, before=before)
        return await self._database.run(_FORGET_ORIGINS, before=before)
