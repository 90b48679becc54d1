import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from application.ports.workspaces import ChatPageView, PublicServiceView, WorkspaceView
from domain.access import Role
from domain.errors import EditConflict, NotFound, Unauthenticated
from domain.identity import User, issue_key
from domain.workspaces import (
    AlreadyMember,
    Assistant,
    BusinessType,
    Handle,
    HandleTaken,
    Membership,
    PersonalWorkspaceExists,
    Retention,
    Savings,
    Tone,
    Workspace,
    WorkspaceLimits,
)
from tests.contracts.examples import (
    Tenant,
    a_conversation,
    a_service,
    a_tenant,
    a_user,
    a_workspace,
    edited,
    later,
    post,
    refused,
    unstored_tenant,
)
from tests.contracts.stores import Stores


def _filled(workspace: Workspace) -> Workspace:
    return replace(
        workspace,
        business_type=BusinessType.BUSINESS,
        tone=Tone.FORMAL,
        timezone="Europe/Prague",
        language="pt-BR",
        public_name="Harbour › Studio 😀",
        subtitle="By the sea",
        description="Line\nline",
        embed_origins=("https://example.com", "http://localhost:3000"),
        assistant=Assistant(
            instructions="Be kind.", greeting="Ahoj!", suggested_questions=("Kolik?", "Kdy?"), model="openai:x"
        ),
        limits=WorkspaceLimits(tokens_per_day=10**12),
        retention=Retention(close_idle_days=14, erase_closed_days=90),
        savings=Savings(minutes_per_answer=0, minutes_per_booking=480),
        knowledge_base="# Prices\n120 CZK",
    )


class WorkspacesContract:
    """Every `Workspaces`."""

    async def test_a_workspace_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = unstored_tenant(stores)
        filled = _filled(tenant.workspace)
        async with stores.begin() as work:
            await work.users.add(tenant.user)
            await work.workspaces.add(filled, tenant.user.id, because=tenant.created(later(stores)))
            await work.commit(None)
        async with stores.begin() as work:
            assert await work.workspaces.get(tenant.id) == filled

    async def test_an_unknown_workspace_is_not_found(self, stores: Stores) -> None:
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.workspaces.get(unstored_tenant(stores).id)

    async def test_a_handle_belongs_to_one_workspace(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        taken = replace(
            other, workspace=replace(a_workspace(other.user, later(stores)), handle=tenant.workspace.handle)
        )
        async with refused(stores, HandleTaken) as work:
            await work.workspaces.add(taken.workspace, other.user.id, because=taken.created(later(stores)))
        with pytest.raises(HandleTaken):
            await edited(stores, other, handle=tenant.workspace.handle)

    async def test_a_handle_that_was_given_up_can_be_taken(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        given_up = tenant.workspace.handle
        await edited(stores, tenant, handle=given_up.numbered(2))
        assert (await edited(stores, other, handle=given_up)).handle == given_up

    async def test_of_two_who_take_one_handle_at_once_one_gets_it(self, stores: Stores) -> None:
        tenants = [await a_tenant(stores) for _ in range(2)]
        handle = Handle(f"{tenants[0].workspace.handle}-x")
        answers = await asyncio.gather(
            *(edited(stores, tenant, handle=handle) for tenant in tenants), return_exceptions=True
        )
        assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [HandleTaken]

    async def test_a_user_has_one_personal_workspace_and_any_number_of_others(self, stores: Stores) -> None:
        tenant = await a_tenant(stores, personal=True)
        shared = replace(tenant, workspace=a_workspace(tenant.user, later(stores)))
        async with stores.begin() as work:
            await work.workspaces.add(shared.workspace, tenant.user.id, because=shared.created(later(stores)))
            await work.commit(None)
        second = replace(tenant, workspace=a_workspace(tenant.user, later(stores), personal=True))
        async with refused(stores, PersonalWorkspaceExists) as work:
            await work.workspaces.add(second.workspace, tenant.user.id, because=second.created(later(stores)))
        assert await stores.workspaces.personal_of(tenant.user.id) == WorkspaceView.of(tenant.workspace)

    async def test_ten_who_make_the_personal_workspace_at_once_make_one(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)

        async def make() -> Workspace | None:
            made = replace(tenant, workspace=a_workspace(tenant.user, later(stores), personal=True))
            try:
                async with stores.begin() as work:
                    await work.workspaces.add(made.workspace, tenant.user.id, because=made.created(later(stores)))
                    return await work.commit(made.workspace)
            except PersonalWorkspaceExists:
                return None

        made = [workspace for workspace in await asyncio.gather(*(make() for _ in range(10))) if workspace]
        view = await stores.workspaces.personal_of(tenant.user.id)
        assert [view] == [WorkspaceView.of(workspace) for workspace in made]

    async def test_saving_raises_the_version_by_one(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        changed = _filled(tenant.workspace)
        async with stores.begin() as work:
            saved = await work.workspaces.save(changed, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert saved == replace(changed, version=2)
        async with stores.begin() as work:
            assert await work.workspaces.get(tenant.id) == saved

    async def test_of_two_units_that_read_one_version_the_second_gets_the_conflict(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as one, stores.begin() as two:
            first, second = await one.workspaces.get(tenant.id), await two.workspaces.get(tenant.id)
            await one.workspaces.save(replace(first, name="First"), because=tenant.edited(later(stores)))
            await one.commit(None)
            with pytest.raises(EditConflict):
                await two.workspaces.save(replace(second, name="Second"), because=tenant.edited(later(stores)))
        view = await stores.workspaces.workspace(tenant.id)
        assert view is not None
        assert (view.name, view.version) == ("First", 2)

    async def test_of_ten_who_save_one_version_at_once_one_commits(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)

        async def save(name: str) -> bool:
            try:
                async with stores.begin() as work:
                    renamed = replace(tenant.workspace, name=name)
                    await work.workspaces.save(renamed, because=tenant.edited(later(stores)))
                    return await work.commit(True)
            except EditConflict:
                return False

        assert sum(await asyncio.gather(*(save(f"Name {number}") for number in range(10)))) == 1
        assert await stores.activity.head(tenant.id) == 2

    async def test_a_workspace_that_was_never_stored_cannot_be_saved(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with refused(stores, EditConflict) as work:
            unknown = a_workspace(tenant.user, later(stores))
            await work.workspaces.save(unknown, because=tenant.edited(later(stores)))

    async def test_a_workspace_is_removed_with_all_that_is_in_it_but_activity_and_jobs(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant))
        kept = await post(stores, await a_conversation(stores, other))
        service = await a_service(stores, tenant)
        await a_member(stores, tenant, Role.VIEWER, other.user)
        key, token = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        head = await stores.activity.head(tenant.id)
        async with stores.begin() as work:
            await work.credentials.add(key, because=tenant.edited(later(stores)))
            await work.commit(None)
        async with stores.begin() as work:
            await work.workspaces.remove(tenant.workspace, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.workspaces.workspace(tenant.id) is None
        assert await stores.conversation_lists.conversation(posted.conversation.id) is None
        assert await stores.conversations.run(posted.run.id) is None
        assert await stores.scheduling.service(service.id) is None
        async with stores.begin() as work:
            assert [member.workspace_id for member in await work.members.of_user(other.user.id)] == [other.id]
            assert (await work.jobs.get(posted.job.id)).workspace_id == tenant.id
            assert await work.users.get(tenant.user.id) == tenant.user
        with pytest.raises(Unauthenticated):
            await stores.callers.of_token(token.reveal())
        assert await stores.activity.head(tenant.id) == head + 2
        assert await stores.conversations.run(kept.run.id) is not None

    async def test_another_version_than_the_one_that_was_read_is_not_removed(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await edited(stores, tenant, name="Another")
        async with refused(stores, EditConflict) as work:
            await work.workspaces.remove(tenant.workspace, because=tenant.edited(later(stores)))
        assert await stores.workspaces.workspace(tenant.id) is not None


async def a_member(stores: Stores, tenant: Tenant, role: Role, user: User | None = None) -> Membership:
    """Somebody, new unless given, who has joined the tenant's workspace."""
    joined = user or a_user(later(stores))
    member = Membership(workspace_id=tenant.id, user_id=joined.id, role=role, joined_at=later(stores))
    async with stores.begin() as work:
        if user is None:
            await work.users.add(joined)
        await work.members.add(member, because=tenant.edited(later(stores)))
        return await work.commit(member)


class MembersContract:
    """Every `Members`."""

    async def test_a_membership_is_stored_as_it_was_changed_and_removed(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        member = await a_member(stores, tenant, Role.VIEWER)
        await a_member(stores, other, Role.ADMIN)
        raised = replace(member, role=Role.ADMIN)
        async with stores.begin() as work:
            assert member in await work.members.lock(tenant.id)
            await work.members.save(raised, because=tenant.edited(later(stores)))
            await work.commit(None)
        async with stores.begin() as work:
            team = await work.members.lock(tenant.id)
            assert [found for found in team if found.user_id != tenant.user.id] == [raised]
            assert await work.members.of_user(member.user_id) == [raised]
            await work.members.remove(raised, because=tenant.edited(later(stores)))
            await work.commit(None)
        async with stores.begin() as work:
            assert [found.user_id for found in await work.members.lock(tenant.id)] == [tenant.user.id]
            assert await work.members.of_user(member.user_id) == []
        assert await stores.activity.head(tenant.id) == 4

    async def test_whoever_makes_a_workspace_is_its_first_member(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            (owner,) = await work.members.lock(tenant.id)
        assert owner == Membership(
            workspace_id=tenant.id, user_id=tenant.user.id, role=Role.OWNER, joined_at=tenant.workspace.created_at
        )

    async def test_a_users_memberships_are_given_oldest_first(self, stores: Stores) -> None:
        tenants = [await a_tenant(stores) for _ in range(3)]
        user = tenants[1].user
        joined = [await a_member(stores, tenant, Role.MEMBER, user) for tenant in (tenants[2], tenants[0])]
        async with stores.begin() as work:
            assert (await work.members.of_user(user.id))[1:] == joined

    async def test_the_members_of_no_workspace_cannot_be_locked(self, stores: Stores) -> None:
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.members.lock(unstored_tenant(stores).id)

    async def test_a_user_belongs_to_a_workspace_once(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        again = Membership(workspace_id=tenant.id, user_id=tenant.user.id, role=Role.VIEWER, joined_at=later(stores))
        async with refused(stores, AlreadyMember) as work:
            await work.members.add(again, because=tenant.edited(later(stores)))

    async def test_of_ten_who_let_one_user_join_at_once_one_does(self, stores: Stores) -> None:
        tenant, user = await a_tenant(stores), (await a_tenant(stores)).user
        answers = await asyncio.gather(
            *(a_member(stores, tenant, Role.MEMBER, user) for _ in range(10)), return_exceptions=True
        )
        refusals = [type(answer) for answer in answers if isinstance(answer, Exception)]
        assert refusals == [AlreadyMember] * 9

    async def test_of_two_who_lock_one_team_the_second_sees_what_the_first_did(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        members = [await a_member(stores, tenant, Role.MEMBER) for _ in range(2)]
        seen: list[int] = []

        async def remove(member: Membership) -> None:
            async with stores.begin() as work:
                team = await work.members.lock(tenant.id)
                await asyncio.sleep(0)
                seen.append(len(team))
                await work.members.remove(member, because=tenant.edited(later(stores)))
                await work.commit(None)

        await asyncio.gather(*(remove(member) for member in members))
        assert sorted(seen) == [2, 3]

    async def test_a_membership_that_is_held_ends_only_after_what_is_done_with_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        member = await a_member(stores, tenant, Role.MEMBER)

        async def remove() -> None:
            async with stores.begin() as work:
                await work.members.lock(tenant.id)
                await work.members.remove(member, because=tenant.edited(later(stores)))
                await work.commit(None)

        async with asyncio.timeout(10):
            async with stores.begin() as work:
                await work.members.hold(tenant.id, member.user_id)
                removal = asyncio.create_task(remove())
                await asyncio.wait([removal], timeout=0.05)
                assert not removal.done()
            await removal
        async with refused(stores, NotFound) as work:
            await work.members.hold(tenant.id, member.user_id)

    async def test_nobody_holds_what_another_is_a_member_of(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        async with refused(stores, NotFound) as work:
            await work.members.hold(tenant.id, other.user.id)

    async def test_a_locked_team_keeps_nobody_from_working_in_the_workspace(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            await work.members.lock(tenant.id)
            async with asyncio.timeout(10):
                await a_conversation(stores, tenant)


class WorkspaceViewsContract:
    """Every `WorkspaceViews`."""

    async def _filled(self, stores: Stores) -> tuple[Tenant, Workspace]:
        tenant = await a_tenant(stores, personal=True)
        fields = _filled(tenant.workspace)
        names = ("public_name", "subtitle", "description", "timezone", "assistant", "knowledge_base", "limits")
        return tenant, await edited(stores, tenant, **{name: getattr(fields, name) for name in names})

    async def test_the_view_is_that_of_what_was_written(self, stores: Stores) -> None:
        tenant, workspace = await self._filled(stores)
        assert await stores.workspaces.workspace(tenant.id) == WorkspaceView.of(workspace)
        assert await stores.workspaces.personal_of(tenant.user.id) == WorkspaceView.of(workspace)

    async def test_what_is_not_there_is_none(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assert await stores.workspaces.workspace(unstored_tenant(stores).id) is None
        assert await stores.workspaces.personal_of(tenant.user.id) is None

    async def test_visitors_see_the_active_workspace_with_its_active_services_in_order(self, stores: Stores) -> None:
        tenant, workspace = await self._filled(stores)
        last = await a_service(stores, tenant, 2, price_from=None, duration_minutes=None)
        await a_service(stores, tenant, 1, active=False)
        first = await a_service(stores, tenant, 0)
        await a_service(stores, await a_tenant(stores))
        view = await stores.workspaces.public(str(workspace.handle))
        assert view is not None
        assert (view.handle, view.public_name) == (str(workspace.handle), "Harbour › Studio 😀")
        assert (view.subtitle, view.description, view.timezone) == ("By the sea", "Line\nline", "Europe/Prague")
        assert (view.greeting, view.suggested_questions) == ("Ahoj!", ("Kolik?", "Kdy?"))
        assert list(view.services) == [PublicServiceView.of(first), PublicServiceView.of(last)]
        assert await stores.workspaces.id_of(str(workspace.handle)) == tenant.id

    async def test_the_chat_page_is_that_of_the_active_workspace(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        origins = ("https://example.com", "http://localhost:3000")
        workspace = await edited(stores, tenant, public_name="Harbour", language="pt-BR", embed_origins=origins)
        assert await stores.workspaces.chat_page(str(workspace.handle)) == ChatPageView(
            handle=str(workspace.handle), public_name="Harbour", language="pt-BR", embed_origins=origins
        )

    async def test_a_workspace_without_a_public_name_shows_its_name(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        view = await stores.workspaces.public(str(tenant.workspace.handle))
        assert view is not None
        assert view.public_name == tenant.workspace.name
        page = await stores.workspaces.chat_page(str(tenant.workspace.handle))
        assert page is not None
        assert page.public_name == tenant.workspace.name
        assert list(view.services) == []

    async def test_a_workspace_is_active_unless_it_was_made_inactive_or_is_not_there(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assert await stores.workspaces.active(tenant.id)
        await edited(stores, tenant, active=False)
        assert not await stores.workspaces.active(tenant.id)
        assert not await stores.workspaces.active(unstored_tenant(stores).id)

    @pytest.mark.parametrize("state", [{"active": False}, {"suspended_at": datetime(2026, 1, 2, tzinfo=UTC)}])
    async def test_visitors_do_not_see_an_inactive_or_suspended_workspace(
        self, stores: Stores, state: dict[str, Any]
    ) -> None:
        tenant = await a_tenant(stores)
        await edited(stores, tenant, **state)
        assert not await stores.workspaces.active(tenant.id)
        assert await stores.workspaces.public(str(tenant.workspace.handle)) is None
        assert await stores.workspaces.id_of(str(tenant.workspace.handle)) is None
        assert await stores.workspaces.chat_page(str(tenant.workspace.handle)) is None

    @pytest.mark.parametrize("handle", ["", "nobody-has-this", "A B", "\x00", "\ud800", "%", "é" * 5000, "' or 1=1"])
    async def test_any_text_is_a_valid_question_for_a_handle(self, stores: Stores, handle: str) -> None:
        assert await stores.workspaces.public(handle) is None
        assert await stores.workspaces.id_of(handle) is None
        assert await stores.workspaces.chat_page(handle) is None
