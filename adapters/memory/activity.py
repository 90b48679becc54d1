from dataclasses import replace

from typing_extensions import override

from adapters.memory.store import MemoryStore
from adapters.memory.table import Table
from application.ports.activity import ActivityFilter, ActivityView, ActivityViews
from domain.activity import Event
from domain.actors import named
from domain.identity import User
from domain.ids import WorkspaceId
from domain.pages import Page, decode_cursor, page_of


class MemoryActivityViews(ActivityViews):
    """Committed events."""

    def __init__(self, store: MemoryStore) -> None:
        self._activity = store.activity
        self._users = store.users

    @override
    async def newest(
        self, workspace_id: WorkspaceId, only: ActivityFilter, cursor: str | None, limit: int
    ) -> Page[ActivityView]:
        events = [told(event, self._users) for event in reversed(self._activity[workspace_id]) if _passes(event, only)]
        if cursor is not None:
            (before,) = decode_cursor(cursor, int)
            events = [event for event in events if (event.id,) < (before,)]
        return page_of(events[: limit + 1], limit, lambda event: (event.id,))

    @override
    async def after(self, workspace_id: WorkspaceId, number: int, limit: int) -> list[ActivityView]:
        return [told(event, self._users) for event in self._activity[workspace_id][max(0, number) :][:limit]]

    @override
    async def head(self, workspace_id: WorkspaceId) -> int:
        return len(self._activity[workspace_id])


def told(event: ActivityView, users: Table[User]) -> ActivityView:
    """The event with the name that its actor has now."""
    user = users.rows.get(event.actor.id)
    return replace(event, actor=named(event.actor.type, event.actor.id, user.name if user else None))


def write_activity(store: MemoryStore, events: list[Event], causation_id: str | None) -> None:
    """Gives each event the next number of its workspace."""
    for event in events:
        written = store.activity[event.workspace_id]
        view = ActivityView(
            id=len(written) + 1,
            type=event.type,
            actor=event.actor,
            subject=event.subject,
            at=event.at,
            causation_id=causation_id,
            data=event.data,
        )
        written.append(view)


def is_of_type(event: ActivityView, wanted: str | None) -> bool:
    """Whether it has the type or the noun that is wanted."""
    return wanted is None or event.type == wanted or event.type.partition(".")[0] == wanted


def _passes(event: ActivityView, only: ActivityFilter) -> bool:
    return (
        is_of_type(event, only.type)
        and only.actor in {None, event.actor.id}
        and only.subject in {None, event.subject.id}
        and event.id > (only.since or 0)
        and (only.reader_id is None or event.is_for(only.reader_id))
    )
