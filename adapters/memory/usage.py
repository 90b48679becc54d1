from collections import defaultdict
from dataclasses import replace
from datetime import date

from typing_extensions import override

from adapters.memory.store import MemoryStore, NoticedLimit
from adapters.memory.table import Transaction
from application.ports.usage import UsageGroup, UsageLedger, UsageOrigins, UsageReport, UsageRow, UsageViews
from domain.ids import WorkspaceId
from domain.usage import Limit, ReachedLimit, Spent, UsageEntry, UsageSum, limited, scope_of
from domain.workspaces import WorkspaceLimits


class MemoryUsageLedger(UsageLedger):
    """The ledger within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    @override
    async def spent(self, entry: UsageEntry, limits: WorkspaceLimits) -> Spent:
        looked_at = limited(entry, limits)
        if Limit.DAY in looked_at:
            await self._transaction.lock("usage", entry.workspace_id)
        elif Limit.VISITOR in looked_at:
            await self._transaction.lock("usage", entry.workspace_id, entry.origin)
        entries = self._transaction.all(self._store.usage_entries)
        counted = {limit: [other.tokens for other in entries if _counts(other, entry, limit)] for limit in looked_at}
        return Spent(**{str(limit): sum(tokens) for limit, tokens in counted.items()})

    @override
    async def add(self, entry: UsageEntry) -> None:
        await self._transaction.insert(self._store.usage_entries, entry)

    @override
    async def settle(self, entry: UsageEntry) -> None:
        stored = await self._transaction.locked(self._store.usage_entries, entry.id)
        if stored is not None:
            settled = stored.settled(
                entry.model, entry.input_tokens, entry.output_tokens, entry.cost, estimated=entry.estimated
            )
            await self._transaction.put(self._store.usage_entries, settled)

    @override
    async def notice(self, entry: UsageEntry, reached: ReachedLimit) -> bool:
        scope = scope_of(entry, reached.limit)
        noticed = NoticedLimit(entry.workspace_id, entry.day, reached.limit, scope, reached.tokens)
        if await self._transaction.locked(self._store.noticed_limits, noticed) is not None:
            return False
        await self._transaction.insert(self._store.noticed_limits, noticed)
        return True


def _counts(other: UsageEntry, entry: UsageEntry, limit: Limit) -> bool:
    if other.workspace_id != entry.workspace_id or scope_of(other, limit) != scope_of(entry, limit):
        return False
    return limit is Limit.CONVERSATION or other.day == entry.day


class MemoryUsageOrigins(UsageOrigins):
    """Origins of the committed entries."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def forget(self, before: date) -> int:
        entries, noticed = self._store.usage_entries.rows, self._store.noticed_limits.rows
        known = [entry for entry in entries.values() if entry.day < before and entry.origin is not None]
        for entry in known:
            entries[entry.id] = replace(entry, origin=None)
        for old in [row for row in noticed.values() if row.day < before]:
            del noticed[old]
        return len(known)


class MemoryUsageViews(UsageViews):
    """The committed entries, added up."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def timezone(self, workspace_id: WorkspaceId) -> str | None:
        workspace = self._store.workspaces.rows.get(workspace_id)
        return workspace.timezone if workspace else None

    @override
    async def report(self, workspace_id: WorkspaceId, first: date, last: date, group: UsageGroup) -> UsageReport:
        entries = self._store.usage_entries.rows.values()
        counted = [entry for entry in entries if entry.workspace_id == workspace_id and first <= entry.day <= last]
        groups: defaultdict[str, list[UsageSum]] = defaultdict(list)
        for entry in counted:
            if group is UsageGroup.CONVERSATION and entry.private:
                continue
            groups[_key(entry, group)].append(UsageSum.of(entry))
        rows = (UsageRow(key=key, usage=UsageSum.together(parts)) for key, parts in groups.items())
        total = UsageSum.together(map(UsageSum.of, counted))
        return UsageReport(rows=UsageRow.in_order(rows, group), total=total)


def _key(entry: UsageEntry, group: UsageGroup) -> str:
    match group:
        case UsageGroup.DAY:
            return str(entry.day)
        case UsageGroup.MODEL:
            return entry.model
        case UsageGroup.CONVERSATION:
            return str(entry.conversation_id)
