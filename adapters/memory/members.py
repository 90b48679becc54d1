from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from typing_extensions import override

from adapters.memory.pages import moment
from adapters.memory.store import MemoryStore
from application.ports.members import JoinedWorkspaceView, MemberView, MemberViews
from domain.ids import UserId, WorkspaceId
from domain.pages import Page, decode_cursor, page_of

View = TypeVar("View", MemberView, JoinedWorkspaceView)


class MemoryMemberViews(MemberViews):
    """Committed memberships."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def members(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[MemberView]:
        found = [
            MemberView.of(member, self._store.users.rows[member.user_id])
            for member in self._store.memberships.rows.values()
            if member.workspace_id == workspace_id
        ]
        return _page(found, cursor, limit)

    @override
    async def workspaces(
        self, user_id: UserId, among: Collection[WorkspaceId], cursor: str | None, limit: int
    ) -> Page[JoinedWorkspaceView]:
        found = [
            JoinedWorkspaceView.of(self._store.workspaces.rows[member.workspace_id], member)
            for member in self._store.memberships.rows.values()
            if member.user_id == user_id and member.workspace_id in among
        ]
        return _page(found, cursor, limit)


def _page(found: Iterable[View], cursor: str | None, limit: int) -> Page[View]:
    ordered = sorted(found, key=_place, reverse=True)
    if cursor is not None:
        behind = decode_cursor(cursor, moment, UUID)
        ordered = [view for view in ordered if _place(view) < behind]
    return page_of(ordered[: limit + 1], limit, lambda view: (view.joined_at.isoformat(), str(_place(view)[1])))


def _place(view: MemberView | JoinedWorkspaceView) -> tuple[datetime, UUID]:
    return view.joined_at, view.user_id if isinstance(view, MemberView) else view.id
