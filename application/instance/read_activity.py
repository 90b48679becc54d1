from dataclasses import dataclass

from application.instance.lists import NoteListing
from application.ports.activity import ActivityFilter, ActivityView, ActivityViews
from domain.access import Caller
from domain.identity import Listed
from domain.ids import INSTANCE
from domain.pages import Page


@dataclass(frozen=True, slots=True)
class ReadInstanceActivity:
    """Shows administrators what was done to the instance, and who looked through it."""

    views: ActivityViews
    note: NoteListing

    async def __call__(
        self, caller: Caller, only: ActivityFilter, cursor: str | None, limit: int
    ) -> Page[ActivityView]:
        """The events, newest first; that the caller looked is the newest.

        Raises:
            NotFound, Forbidden: the caller may not.
            InvalidCursor: the cursor is none that this list gave.
        """
        await self.note(caller, Listed.ACTIVITY)
        return await self.views.newest(INSTANCE, only, cursor, limit)
