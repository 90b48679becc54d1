from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.instance_views import DeadJobView, InstanceUserView, InstanceViews, InstanceWorkspaceView
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.identity import InstanceListed, Listed
from domain.ids import INSTANCE
from domain.pages import Page
from domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class NoteListing:
    """Checks that somebody may look through the instance, and notes that they do."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, what: Listed) -> None:
        """Nothing; it is told to the instance.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must_themselves(Permission.INSTANCE_READ)
        async with self.begin() as work:
            work.record(InstanceListed(workspace_id=INSTANCE, actor=caller.actor, at=self.clock.now(), what=what))
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class ListUsers:
    """Shows an administrator who is there."""

    views: InstanceViews
    note: NoteListing

    async def __call__(self, caller: Caller, cursor: str | None, limit: int) -> Page[InstanceUserView]:
        """The users, newest first.

        Raises:
            NotFound, Forbidden: the caller may not.
            InvalidCursor: the cursor is none that this list gave.
        """
        await self.note(caller, Listed.USERS)
        return await self.views.users(cursor, limit)


@dataclass(frozen=True, slots=True)
class ListAllWorkspaces:
    """Shows an administrator which workspaces there are."""

    views: InstanceViews
    note: NoteListing

    async def __call__(self, caller: Caller, cursor: str | None, limit: int) -> Page[InstanceWorkspaceView]:
        """The workspaces, newest first.

        Raises:
            NotFound, Forbidden: the caller may not.
            InvalidCursor: the cursor is none that this list gave.
        """
        await self.note(caller, Listed.WORKSPACES)
        return await self.views.workspaces(cursor, limit)


@dataclass(frozen=True, slots=True)
class ListDeadJobs:
    """Shows an administrator what went wrong anywhere."""

    views: InstanceViews
    note: NoteListing

    async def __call__(self, caller: Caller, cursor: str | None, limit: int) -> Page[DeadJobView]:
        """The dead jobs of all workspaces, newest first.

        Raises:
            NotFound, Forbidden: the caller may not.
            InvalidCursor: the cursor is none that this list gave.
        """
        await self.note(caller, Listed.JOBS)
        return await self.views.dead_jobs(cursor, limit)
