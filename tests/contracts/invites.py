import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from application.ports.invites import InviteView
from domain.access import Role
from domain.errors import NotFound
from domain.ids import InviteId
from domain.pages import InvalidCursor
from domain.workspaces import AlreadyInvited, Invite
from tests.contracts.examples import Tenant, a_tenant, later, refused
from tests.contracts.stores import Stores


def an_invite(stores: Stores, tenant: Tenant, email: str | None = None) -> Invite:
    to = email or f"{uuid4().hex}@example.com"
    invite, _ = Invite.new(tenant.id, to, Role.MEMBER, tenant.user.id, later(stores))
    return invite


async def added(stores: Stores, tenant: Tenant, *invites: Invite) -> None:
    async with stores.begin() as work:
        for invite in invites:
            await work.invites.add(invite, because=tenant.edited(later(stores)))
        await work.commit(None)


async def saved(stores: Stores, tenant: Tenant, invite: Invite) -> None:
    async with stores.begin() as work:
        await work.invites.lock(invite.id)
        await work.invites.save(invite, because=tenant.edited(later(stores)))
        await work.commit(None)


class InvitesContract:
    """Every `Invites`."""

    async def test_an_invite_is_stored_as_it_was_and_replaced(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        invite = an_invite(stores, tenant)
        await added(stores, tenant, invite)
        resent, _ = invite.resent(invite.sent_at + timedelta(hours=1))
        for kept in (resent, resent.accepted(invite.email, resent.sent_at)):
            await saved(stores, tenant, kept)
            async with stores.begin() as work:
                assert await work.invites.get(invite.id) == await work.invites.lock(invite.id) == kept
            assert await stores.invites.invite(invite.id) == kept

    async def test_an_unknown_invite_is_not_found(self, stores: Stores) -> None:
        unknown = InviteId(uuid4())
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.invites.get(unknown)
            with pytest.raises(NotFound):
                await work.invites.lock(unknown)
        assert await stores.invites.invite(unknown) is None

    async def test_one_invite_to_an_address_is_pending_in_a_workspace(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        first = an_invite(stores, tenant, "guest@example.com")
        await added(stores, tenant, first)
        await added(stores, other, an_invite(stores, other, "guest@example.com"))
        async with refused(stores, AlreadyInvited) as work:
            again = an_invite(stores, tenant, "guest@example.com")
            await work.invites.add(again, because=tenant.edited(later(stores)))
        await saved(stores, tenant, first.revoked(later(stores)))
        await added(stores, tenant, an_invite(stores, tenant, "guest@example.com"))

    async def test_of_two_who_invite_one_address_at_once_one_does(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        invites = [an_invite(stores, tenant, "guest@example.com") for _ in range(2)]
        answers = await asyncio.gather(*(added(stores, tenant, invite) for invite in invites), return_exceptions=True)
        assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [AlreadyInvited]

    async def test_an_invite_needs_a_workspace(self, stores: Stores) -> None:
        tenant, nowhere = await a_tenant(stores), await a_tenant(stores)
        async with stores.begin() as work:
            await work.workspaces.remove(nowhere.workspace, because=nowhere.edited(later(stores)))
            await work.commit(None)
        async with refused(stores, NotFound) as work:
            await work.invites.add(an_invite(stores, nowhere), because=tenant.edited(later(stores)))

    async def test_pending_are_those_that_are_neither_accepted_nor_revoked(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        invites = [an_invite(stores, tenant) for _ in range(5)]
        await added(stores, tenant, *reversed(invites))
        await added(stores, other, an_invite(stores, other))
        accepted = invites[1].accepted(invites[1].email, later(stores))
        for ended in (accepted, invites[3].revoked(later(stores))):
            await saved(stores, tenant, ended)
        left = [invites[0], invites[2], invites[4]]
        async with stores.begin() as work:
            assert list(await work.invites.pending(tenant.id)) == left
        page = await stores.invites.pending(tenant.id, None, 2)
        assert list(page.items) == [InviteView.of(invite) for invite in (left[2], left[1])]
        rest = await stores.invites.pending(tenant.id, page.next_cursor, 2)
        assert (list(rest.items), rest.next_cursor) == ([InviteView.of(left[0])], None)
        with pytest.raises(InvalidCursor):
            await stores.invites.pending(tenant.id, "nonsense", 2)

    async def test_those_to_an_address_are_found_in_any_case_of_its_letters(self, stores: Stores) -> None:
        tenants = [await a_tenant(stores) for _ in range(3)]
        email = f"{uuid4().hex}@example.com"
        invites = [an_invite(stores, tenant, email) for tenant in tenants]
        for tenant, invite in zip(tenants, invites, strict=True):
            await added(stores, tenant, invite, an_invite(stores, tenant))
        await saved(stores, tenants[1], invites[1].revoked(later(stores)))
        async with stores.begin() as work:
            assert list(await work.invites.pending_for(email.upper())) == [invites[0], invites[2]]

    async def test_of_two_who_lock_one_the_second_sees_what_the_first_did(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        invite = an_invite(stores, tenant)
        await added(stores, tenant, invite)
        seen: list[bool] = []

        async def revoke() -> None:
            async with stores.begin() as work:
                found = await work.invites.lock(invite.id)
                await asyncio.sleep(0)
                seen.append(found.pending)
                if found.pending:
                    await work.invites.save(found.revoked(later(stores)), because=tenant.edited(later(stores)))
                    await work.commit(None)

        await asyncio.gather(revoke(), revoke())
        assert sorted(seen) == [False, True]

    async def test_a_change_is_told(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        invite = an_invite(stores, tenant)
        await added(stores, tenant, invite)
        head = await stores.activity.head(tenant.id)
        await saved(stores, tenant, invite.revoked(later(stores)))
        assert await stores.activity.head(tenant.id) == head + 1
