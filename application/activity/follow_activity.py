from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import UUID

from application.ports.activity import ActivityView, ActivityViews
from application.ports.bell import LOOK_ANYWAY, Bell
from domain.access import Caller, Permission
from domain.activity import activity_topic
from domain.ids import WorkspaceId

BATCH = 100


@dataclass(frozen=True, slots=True)
class FollowActivity:
    """Shows what happens in a workspace as it happens."""

    views: ActivityViews
    bell: Bell

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, after: int | None
    ) -> AsyncGenerator[ActivityView | None, None]:
        """The events that the caller is shown, with numbers above `after` (None: from now on), in order, each once.

        None says that there are no more for now.

        Raises:
            NotFound: there is no such workspace for the caller.
        """
        caller.must(Permission.ACTIVITY_READ, workspace_id)
        # Not in the generator: "now" is before the answer begins, so that whoever acts on seeing it begin is shown it.
        number = await self.views.head(workspace_id) if after is None else after
        return self._events(caller.actor.id, workspace_id, number)

    async def _events(
        self, reader_id: UUID, workspace_id: WorkspaceId, number: int
    ) -> AsyncGenerator[ActivityView | None, None]:
        async with self.bell.listen(activity_topic(workspace_id)) as news:
            while True:
                events = await self.views.after(workspace_id, number, BATCH)
                for event in events:
                    number = event.id
                    if event.is_for(reader_id):
                        yield event
                if len(events) < BATCH:
                    yield None
                    await news.heard(LOOK_ANYWAY)
