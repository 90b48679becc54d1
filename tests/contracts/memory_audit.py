from datetime import timedelta
from typing import Any
from uuid import uuid4

from application.ports.memory_audit import EXAMINED_LENGTH
from domain.ids import MemoryId
from domain.memories import Examined, MemorySource, MemorySourceType, Tier
from tests.contracts.examples import Tenant, a_memory, a_tenant, later
from tests.contracts.stores import Stores

DAY = timedelta(days=1)


async def hidden(stores: Stores, tenant: Tenant, **fields: Any) -> None:
    """Memories that look like those that are wanted, and are deleted, superseded, another's or elsewhere."""
    await a_memory(stores, tenant, deleted_at=later(stores), **fields)
    await a_memory(stores, tenant, superseded_by=MemoryId(uuid4()), **fields)
    other = await a_tenant(stores)
    await a_memory(stores, other, **fields)
    await a_memory(stores, tenant, owner_id=other.user.id, **fields)
    await a_memory(stores, tenant, workspace_id=other.id, **fields)


class MemoryAuditViewsContract:
    """Every `MemoryAuditViews`."""

    async def test_a_memory_is_shown_as_it_is_but_for_what_is_cut(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        long, source = "é" * (EXAMINED_LENGTH + 1), MemorySource(MemorySourceType.RUN, uuid4())
        memory = await a_memory(stores, tenant, {"content": long, "tier": Tier.TASK}, source=source)
        (view,) = await stores.memory_audit.newest(tenant.id, tenant.user.id, 10)
        assert view == Examined(
            id=memory.id,
            tier=Tier.TASK,
            content=long[:-1],
            source_type=MemorySourceType.RUN,
            created_at=memory.created_at,
            expires_at=memory.expires_at,
        )

    async def test_the_newest_come_newest_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memories = [await a_memory(stores, tenant) for _ in range(3)]
        await hidden(stores, tenant)
        newest = await stores.memory_audit.newest(tenant.id, tenant.user.id, 2)
        assert [view.id for view in newest] == [memories[2].id, memories[1].id]

    async def test_never_recalled_are_old_ones_that_were_never_used_oldest_first(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        unused = [await a_memory(stores, tenant, created_at=at - age * DAY) for age in (31, 40, 35)]
        await a_memory(stores, tenant, created_at=at - 30 * DAY)
        await a_memory(stores, tenant, created_at=at - 50 * DAY, access_count=1)
        await hidden(stores, tenant, created_at=at - 50 * DAY)
        views = await stores.memory_audit.never_recalled(tenant.id, tenant.user.id, at - 30 * DAY, 10)
        assert [view.id for view in views] == [unused[1].id, unused[2].id, unused[0].id]
        first = await stores.memory_audit.never_recalled(tenant.id, tenant.user.id, at - 30 * DAY, 1)
        assert [view.id for view in first] == [unused[1].id]

    async def test_expiring_are_those_of_the_time_asked_for_the_soonest_first(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        task: dict[str, Any] = {"tier": Tier.TASK}
        due = [await a_memory(stores, tenant, expires_at=at + days * DAY, **task) for days in (7, 1)]
        for days in (-1, 0, 8):
            await a_memory(stores, tenant, expires_at=at + days * DAY, **task)
        await a_memory(stores, tenant)
        await hidden(stores, tenant, expires_at=at + DAY, **task)
        views = await stores.memory_audit.expiring(tenant.id, tenant.user.id, at, at + 7 * DAY, 10)
        assert [view.id for view in views] == [due[1].id, due[0].id]
        first = await stores.memory_audit.expiring(tenant.id, tenant.user.id, at, at + 7 * DAY, 1)
        assert [view.id for view in first] == [due[1].id]
