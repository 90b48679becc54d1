import asyncio
from collections.abc import Awaitable, Callable

from typing_extensions import override

from application.ports.activity import ActivityFilter, ActivityView, ActivityViews
from domain.ids import WorkspaceId
from domain.pages import Page

Place = tuple[WorkspaceId, int, int]
Look = Callable[[], Awaitable[list[ActivityView]]]


class CoalescingActivityViews(ActivityViews):
    """Looks once for all who ask at the same time what came after the same event, as all streams of a workspace do.

    Who asks while a look is under way is answered by the next one: the first may have begun before the event that made
    them ask.
    """

    def __init__(self, views: ActivityViews) -> None:
        self._views = views
        self._next: dict[Place, asyncio.Task[list[ActivityView]]] = {}
        self._under_way: dict[Place, asyncio.Task[list[ActivityView]]] = {}

    @override
    async def newest(
        self, workspace_id: WorkspaceId, only: ActivityFilter, cursor: str | None, limit: int
    ) -> Page[ActivityView]:
        return await self._views.newest(workspace_id, only, cursor, limit)

    @override
    async def after(self, workspace_id: WorkspaceId, number: int, limit: int) -> list[ActivityView]:
        place = (workspace_id, number, limit)
        look = self._next.get(place)
        if look is None:
            look = asyncio.create_task(self._look(place, lambda: self._views.after(workspace_id, number, limit)))
            look.add_done_callback(_seen)
            self._next[place] = look
        # Shielded, since others may wait for it when one of them is cancelled.
        return await asyncio.shield(look)

    @override
    async def head(self, workspace_id: WorkspaceId) -> int:
        return await self._views.head(workspace_id)

    async def _look(self, place: Place, look: Look) -> list[ActivityView]:
        while before := self._under_way.get(place):
            await asyncio.wait([before])
        self._under_way[place] = self._next.pop(place)
        try:
            return await look()
        finally:
            del self._under_way[place]


def _seen(look: asyncio.Task[list[ActivityView]]) -> None:
    """Its failure is told to those who wait, of whom there may be none left."""
    if not look.cancelled():
        look.exception()
