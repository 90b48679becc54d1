from uuid import uuid4

import pytest

from application.ports.members import JoinedWorkspaceView, MemberView
from domain.access import Role
from domain.ids import BlobId, WorkspaceId
from domain.pages import InvalidCursor
from domain.pictures import Picture
from tests.contracts.examples import Tenant, a_tenant, edited, unstored_tenant
from tests.contracts.stores import Stores
from tests.contracts.workspaces import a_member


class MemberViewsContract:
    """Every `MemberViews`."""

    async def _joined(self, stores: Stores, tenants: list[Tenant]) -> list[JoinedWorkspaceView]:
        """The first of the tenants' users has joined the workspaces of the others in this order."""
        user = tenants[0].user
        views: list[JoinedWorkspaceView] = []
        for tenant, role in zip(tenants[1:], (Role.VIEWER, Role.ADMIN, Role.OWNER), strict=True):
            image = Picture(BlobId(uuid4()), bytes(32))
            workspace = await edited(stores, tenant, subtitle="By the sea", image=image, knowledge_base="# Long")
            views.append(JoinedWorkspaceView.of(workspace, await a_member(stores, tenant, role, user)))
        return views

    async def test_members_are_listed_who_joined_last_first_page_by_page(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        joined = [await a_member(stores, tenant, role) for role in (Role.VIEWER, Role.OWNER, Role.VIEWER)]
        await a_member(stores, other, Role.ADMIN)
        async with stores.begin() as work:
            expected = [MemberView.of(member, await work.users.get(member.user_id)) for member in reversed(joined)]
        seen: list[MemberView] = []
        cursor = None
        while True:
            page = await stores.members.members(tenant.id, cursor, 2)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen[:-1] == expected
        assert (seen[-1].user_id, seen[-1].role) == (tenant.user.id, Role.OWNER)
        assert list((await stores.members.members(unstored_tenant(stores).id, None, 2)).items) == []

    async def test_workspaces_are_listed_that_the_user_belongs_to_and_that_are_asked_for(self, stores: Stores) -> None:
        tenants = [await a_tenant(stores) for _ in range(4)]
        views = await self._joined(stores, tenants)
        user, ids = tenants[0].user, [tenant.id for tenant in tenants]
        foreign = (await a_tenant(stores)).id
        page = await stores.members.workspaces(user.id, [*ids[1:], foreign], None, 2)
        assert list(page.items) == views[:0:-1]
        rest = await stores.members.workspaces(user.id, [*ids[1:], foreign], page.next_cursor, 2)
        assert (list(rest.items), rest.next_cursor) == (views[:1], None)
        assert list((await stores.members.workspaces(user.id, ids[1:2], None, 2)).items) == views[:1]
        assert list((await stores.members.workspaces(user.id, list[WorkspaceId](), None, 2)).items) == []

    async def test_a_cursor_of_another_list_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        with pytest.raises(InvalidCursor):
            await stores.members.members(tenant.id, "nonsense", 2)
        with pytest.raises(InvalidCursor):
            await stores.members.workspaces(tenant.user.id, [tenant.id], "nonsense", 2)
