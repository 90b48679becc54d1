import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from adapters.memory.activity import is_of_type, told
from adapters.memory.store import MemoryStore
from application.ports.activity import ActivityView
from application.ports.audit import AuditedEvent, AuditedWorkspace, AuditFilter, AuditLog, AuditViews
from domain.audit import Entry, Seal
from domain.ids import WorkspaceId

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryAuditLog(AuditLog):
    """Committed events, and the seals over them."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def unsealed(self, after: WorkspaceId | None, limit: int) -> Sequence[WorkspaceId]:
        behind = [each for each in self._store.activity if after is None or each > after]
        return sorted(each for each in behind if len(self._store.activity[each]) > self._sealed(each))[:limit]

    @override
    async def newest_seal(self, workspace_id: WorkspaceId) -> Seal | None:
        return next(reversed(self._store.seals[workspace_id]), None)

    @override
    async def seals(self, workspace_id: WorkspaceId, after: int | None, limit: int) -> Sequence[Seal]:
        return [seal for seal in self._store.seals[workspace_id] if after is None or seal.number > after][:limit]

    @override
    async def head(self, workspace_id: WorkspaceId) -> int:
        return len(self._store.activity[workspace_id])

    @override
    async def entries(self, workspace_id: WorkspaceId, first: int, last: int) -> Sequence[Entry]:
        events = self._store.activity[workspace_id][first - 1 : last]
        return [_entry(workspace_id, event) for event in events]

    @override
    async def strays(self, workspace_id: WorkspaceId, sealed: int, limit: int) -> Sequence[int]:
        return []  # they are counted as they are written

    @override
    async def add(self, seal: Seal) -> bool:
        seals = self._store.seals[seal.workspace_id]
        if any(other.number == seal.number or other.last == seal.last for other in seals):
            return False
        seals.append(seal)
        return True

    @override
    async def next_workspace(self, after: WorkspaceId | None) -> AuditedWorkspace | None:
        used = [each for each, rows in [*self._store.activity.items(), *self._store.seals.items()] if rows]
        least = min((each for each in used if after is None or each > after), default=None)
        if least is None:
            return None
        workspace = self._store.workspaces.rows.get(least)
        return AuditedWorkspace(id=least, handle=str(workspace.handle) if workspace else None)

    @override
    async def workspace_of(self, handle: str) -> AuditedWorkspace | None:
        found = (each for each in self._store.workspaces.rows.values() if str(each.handle) == handle)
        return next((AuditedWorkspace(id=each.id, handle=str(each.handle)) for each in found), None)

    def _sealed(self, workspace_id: WorkspaceId) -> int:
        seals = self._store.seals[workspace_id]
        return seals[-1].last if seals else 0


def _entry(workspace_id: WorkspaceId, event: ActivityView) -> Entry:
    seconds, rest = divmod((event.at - _EPOCH) // timedelta(microseconds=1), 1_000_000)
    return Entry(
        workspace_id=workspace_id,
        number=event.id,
        type=event.type,
        actor_type=event.actor.type,
        actor_id=event.actor.id,
        subject_type=event.subject.type,
        subject_id=event.subject.id,
        at=f"{seconds}.{rest:06}",
        causation_id=event.causation_id,
        data=json.dumps(dict(event.data), sort_keys=True),
    )


class MemoryAuditViews(AuditViews):
    """Committed events with the numbers of their seals."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def events(
        self, workspace_id: WorkspaceId, only: AuditFilter, after: int, limit: int
    ) -> Sequence[AuditedEvent]:
        events = (event for event in self._store.activity[workspace_id] if event.id > after and _passes(event, only))
        shown = [told(event, self._store.users) for event in events][:limit]
        return [AuditedEvent(event=event, seal=self._over(workspace_id, event.id)) for event in shown]

    def _over(self, workspace_id: WorkspaceId, number: int) -> int | None:
        over = (seal.number for seal in self._store.seals[workspace_id] if seal.first <= number <= seal.last)
        return next(over, None)


def _passes(event: ActivityView, only: AuditFilter) -> bool:
    return (
        is_of_type(event, only.type)
        and (only.since is None or event.at >= only.since)
        and (only.until is None or event.at < only.until)
    )
