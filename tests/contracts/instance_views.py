from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import pytest

from domain.access import Role
from domain.jobs import JobStatus
from domain.pages import InvalidCursor, Page
from domain.workspaces import Membership
from tests.contracts.examples import Tenant, a_job, a_tenant, edited, later
from tests.contracts.stores import Stores

Item = TypeVar("Item")


async def found(list_: Callable[[str | None, int], Awaitable[Page[Item]]], wanted: set[UUID]) -> list[Item]:
    """The items with these ids, from as many pages as it takes: others use the store, too."""
    items, cursor = list[Item](), None
    while True:
        page = await list_(cursor, 3)
        items += [item for item in page.items if item.id in wanted]  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        cursor = page.next_cursor
        if cursor is None or len(items) == len(wanted):
            return items


async def join(stores: Stores, tenant: Tenant, other: Tenant) -> None:
    at = later(stores)
    membership = Membership(workspace_id=tenant.id, user_id=other.user.id, role=Role.VIEWER, joined_at=at)
    async with stores.begin() as work:
        await work.members.add(membership, because=tenant.edited(at))
        await work.commit(None)


class InstanceViewsContract:
    """Every `InstanceViews`."""

    async def test_everybody_is_shown_newest_first_with_how_many_workspaces_they_have(self, stores: Stores) -> None:
        first, second, gone = [await a_tenant(stores) for _ in range(3)]
        await join(stores, first, second)
        async with stores.begin() as work:
            await work.users.save(replace(first.user, administrator=True), because=first.edited(later(stores)))
            await work.users.save(gone.user.deleted(later(stores)), because=gone.edited(later(stores)))
            await work.commit(None)
        users = await found(stores.instance.users, {first.user.id, second.user.id})
        assert [(user.id, user.email, user.administrator, user.workspaces) for user in users] == [
            (second.user.id, second.user.email, False, 2),
            (first.user.id, first.user.email, True, 1),
        ]
        everybody = await found(stores.instance.users, {first.user.id, second.user.id, gone.user.id})
        assert gone.user.id not in {user.id for user in everybody}

    async def test_every_workspace_is_shown_newest_first_with_how_many_belong_to_it(self, stores: Stores) -> None:
        first, second = await a_tenant(stores), await a_tenant(stores, personal=True)
        await join(stores, first, second)
        suspended = await edited(stores, first, suspended_at=later(stores))
        workspaces = await found(stores.instance.workspaces, {first.id, second.id})
        assert [(each.id, each.handle, each.personal, each.members, each.suspended_at) for each in workspaces] == [
            (second.id, str(second.workspace.handle), True, 1, None),
            (first.id, str(first.workspace.handle), False, 2, suspended.suspended_at),
        ]

    async def test_the_dead_jobs_of_all_workspaces_are_shown(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        dead = a_job(
            stores,
            tenant.id,
            status=JobStatus.DEAD,
            attempt=5,
            failures=5,
            error="It broke.",
            ended_at=later(stores),
        )
        of_instance = a_job(stores, None, status=JobStatus.DEAD, ended_at=later(stores))
        waiting = a_job(stores, tenant.id, run_at=later(stores) + timedelta(days=9))
        async with stores.begin() as work:
            for job in (dead, of_instance, waiting):
                await work.jobs.add(job)
            await work.commit(None)
        jobs = await found(stores.instance.dead_jobs, {dead.id, of_instance.id})
        assert [(job.id, job.workspace_id, job.attempts, job.error) for job in jobs] == [
            (of_instance.id, None, 0, None),
            (dead.id, tenant.id, 5, "It broke."),
        ]
        assert waiting.id not in {job.id for job in (await stores.instance.dead_jobs(None, 100)).items}

    async def test_another_lists_cursor_is_refused(self, stores: Stores) -> None:
        for list_ in (stores.instance.users, stores.instance.workspaces, stores.instance.dead_jobs):
            with pytest.raises(InvalidCursor):
                await list_("x", 1)
