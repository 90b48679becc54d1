from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from application.ports.audit import AuditedWorkspace, AuditFilter
from domain.audit import Seal, check, seal
from domain.ids import WorkspaceId
from tests.contracts.examples import Tenant, a_service, a_tenant, edited, later
from tests.contracts.stores import Stores

ALL = AuditFilter()


async def sealed(stores: Stores, tenant: Tenant, first: int, last: int) -> Seal:
    """A stored seal over rows of the tenant, behind the newest one."""
    entries = await stores.audit_log.entries(tenant.id, first, last)
    previous = await stores.audit_log.newest_seal(tenant.id)
    made = seal(tenant.id, entries, first=first, last=last, previous=previous, at=later(stores))
    assert await stores.audit_log.add(made)
    return made


async def with_events(stores: Stores, count: int) -> Tenant:
    """A tenant in which so many events happened."""
    tenant = await a_tenant(stores)
    for position in range(count - 1):
        await a_service(stores, tenant, position)
    return tenant


class AuditLogContract:
    """Every `AuditLog`."""

    async def test_the_entries_are_the_rows_in_order(self, stores: Stores) -> None:
        tenant = await with_events(stores, 4)
        entries = await stores.audit_log.entries(tenant.id, 1, 3)
        events = await stores.activity.after(tenant.id, 0, 3)
        for entry, event in zip(entries, events, strict=True):
            assert (entry.workspace_id, entry.number, entry.type) == (tenant.id, event.id, event.type)
            assert (entry.actor_type, entry.actor_id) == (event.actor.type, event.actor.id)
            assert (entry.subject_type, entry.subject_id) == (event.subject.type, event.subject.id)
            seconds, micros = entry.at.split(".")
            at = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(micros))
            assert (at, len(micros)) == (event.at, 6)
            assert (entry.causation_id, '"service_id"' in entry.data) == (None, event.type == "service.created")

    async def test_an_entry_read_again_has_the_same_digest_and_no_two_have_one(self, stores: Stores) -> None:
        tenant, other = await with_events(stores, 3), await with_events(stores, 1)
        first, second = [await stores.audit_log.entries(tenant.id, 1, 3) for _ in range(2)]
        assert [entry.digest for entry in first] == [entry.digest for entry in second]
        others = await stores.audit_log.entries(other.id, 1, 1)
        assert len({entry.digest for entry in [*first, *others]}) == 4

    async def test_a_seal_is_given_back_as_it_was_stored_and_fits(self, stores: Stores) -> None:
        tenant = await with_events(stores, 3)
        made = [await sealed(stores, tenant, 1, 2), await sealed(stores, tenant, 3, 3)]
        assert await stores.audit_log.seals(tenant.id, None, 10) == made
        assert await stores.audit_log.seals(tenant.id, None, 1) == made[:1]
        assert await stores.audit_log.seals(tenant.id, 1, 10) == made[1:]
        assert await stores.audit_log.newest_seal(tenant.id) == made[1]
        previous: Seal | None = None
        for each in made:
            assert check(each, await stores.audit_log.entries(tenant.id, each.first, each.last), previous) == []
            previous = each

    async def test_of_two_seals_with_one_number_or_one_end_the_first_stays(self, stores: Stores) -> None:
        tenant = await with_events(stores, 2)
        made = await sealed(stores, tenant, 1, 2)
        entries = await stores.audit_log.entries(tenant.id, 1, 2)
        for previous, last in ((None, 1), (made, 2)):
            other = seal(tenant.id, entries, first=1, last=last, previous=previous, at=later(stores))
            assert not await stores.audit_log.add(other)
        assert await stores.audit_log.seals(tenant.id, None, 10) == [made]

    async def test_workspaces_with_events_behind_their_seals_are_found(self, stores: Stores) -> None:
        async def found() -> Sequence[WorkspaceId]:
            tenants = {partly.id, wholly.id, newcomer.id}
            ids: list[WorkspaceId] = []
            while page := await stores.audit_log.unsealed(ids[-1] if ids else None, 2):
                assert len(page) <= 2
                ids.extend(page)
            assert ids == sorted(ids)
            return [each for each in ids if each in tenants]

        partly, wholly, newcomer = [await with_events(stores, 2) for _ in range(3)]
        await sealed(stores, partly, 1, 1)
        await sealed(stores, wholly, 1, 2)
        assert await found() == sorted([partly.id, newcomer.id])
        await a_service(stores, wholly)
        assert await found() == sorted([partly.id, wholly.id, newcomer.id])

    async def test_a_workspace_without_events_has_nothing(self, stores: Stores) -> None:
        nobody = WorkspaceId(uuid4())
        assert await stores.audit_log.newest_seal(nobody) is None
        assert await stores.audit_log.seals(nobody, None, 10) == []
        assert await stores.audit_log.entries(nobody, 1, 10) == []
        assert await stores.audit_log.head(nobody) == 0

    async def test_events_that_were_counted_are_no_strays(self, stores: Stores) -> None:
        tenant = await with_events(stores, 2)
        assert await stores.audit_log.strays(tenant.id, 0, 10) == []
        assert await stores.audit_log.head(tenant.id) == 2

    async def test_all_workspaces_are_walked_through(self, stores: Stores) -> None:
        tenants = [await with_events(stores, 1) for _ in range(3)]
        walked: list[AuditedWorkspace] = []
        while (found := await stores.audit_log.next_workspace(walked[-1].id if walked else None)) is not None:
            walked.append(found)
        assert [each.id for each in walked] == sorted({each.id for each in walked})
        for tenant in tenants:
            expected = AuditedWorkspace(id=tenant.id, handle=str(tenant.workspace.handle))
            assert expected in walked
            assert await stores.audit_log.workspace_of(str(tenant.workspace.handle)) == expected
        assert await stores.audit_log.workspace_of("nobody-has-this") is None


class AuditViewsContract:
    """Every `AuditViews`."""

    async def test_events_come_in_order_with_the_seals_over_them(self, stores: Stores) -> None:
        tenant = await with_events(stores, 5)
        await sealed(stores, tenant, 1, 2)
        await sealed(stores, tenant, 3, 4)
        shown = await stores.audit_views.events(tenant.id, ALL, 0, 10)
        assert [each.event for each in shown] == await stores.activity.after(tenant.id, 0, 10)
        assert [each.seal for each in shown] == [1, 1, 2, 2, None]
        assert await stores.audit_views.events(tenant.id, ALL, 2, 2) == shown[2:4]
        assert await stores.audit_views.events(WorkspaceId(UUID(int=1)), ALL, 0, 10) == []

    @pytest.mark.parametrize("wanted", ["service.created", "service"])
    async def test_events_are_chosen_by_type_or_noun(self, stores: Stores, wanted: str) -> None:
        tenant = await with_events(stores, 3)
        await edited(stores, tenant, name="Ada")
        shown = await stores.audit_views.events(tenant.id, AuditFilter(type=wanted), 0, 10)
        assert [each.event.type for each in shown] == ["service.created"] * 2

    async def test_events_are_chosen_from_a_moment_on_and_until_before_another(self, stores: Stores) -> None:
        tenant = await with_events(stores, 4)
        at = [event.at for event in await stores.activity.after(tenant.id, 0, 10)]
        only = AuditFilter(since=at[1], until=at[3])
        assert [each.event.id for each in await stores.audit_views.events(tenant.id, only, 0, 10)] == [2, 3]
