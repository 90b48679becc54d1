from uuid import uuid4

import pytest

from adapters.memory.memory_audit import MemoryMemoryAuditViews
from application.memories.audit_memories import MOST_FINDINGS, AuditMemories, MemoryAudit
from domain.errors import NotFound
from domain.memories import MemorySource, MemorySourceType, Tier
from tests.application.memories.keeping import DAY, Keeper
from tests.application.world import World

RUN = MemorySource(MemorySourceType.RUN, uuid4())


async def audit(keeper: Keeper) -> MemoryAudit:
    views = MemoryMemoryAuditViews(keeper.world.store)
    return await AuditMemories(views, keeper.world.clock)(keeper.caller, keeper.workspace.id)


async def test_of_no_memories_nothing_is_found(world: World) -> None:
    keeper = await Keeper.new(world)
    assert await audit(keeper) == MemoryAudit(compared=0, duplicates=[], echoes=[], never_recalled=[], expiring=[])


async def test_each_kind_of_finding_is_told_by_ids_and_excerpts(world: World) -> None:
    keeper = await Keeper.new(world)
    at = world.clock.now()
    said = await keeper.remembers("Her sister Anna lives in the old town of Brno.")
    again = await keeper.remembers("Her sister Anna lives in the old town of Brno, too.")
    echo = await keeper.remembers("Anna lives in Brno.", source=RUN)
    unused = await keeper.remembers("Paints boats " + "again and again " * 20, created_at=at - 31 * DAY)
    expiring = await keeper.remembers("Buy paint.", {"tier": Tier.TASK}, expires_at=at + 7 * DAY)
    happened = world.happened()

    found = await audit(keeper)
    assert [(each.memory.id, each.of.id) for each in found.duplicates] == [(again.id, said.id)]
    assert 0.8 <= found.duplicates[0].likeness < 1
    assert [(each.memory.id, each.of.id) for each in found.echoes] == [(echo.id, said.id)]
    assert [each.id for each in found.never_recalled] == [unused.id]
    assert [(each.id, each.expires_at) for each in found.expiring] == [(expiring.id, at + 7 * DAY)]
    assert found.compared == 5
    (excerpt,) = [each.excerpt for each in found.never_recalled]
    assert len(excerpt) <= 160
    assert unused.content.startswith(excerpt.removesuffix("…"))
    assert world.happened() == happened


async def test_of_many_findings_some_are_told(world: World) -> None:
    keeper = await Keeper.new(world)
    at = world.clock.now()
    for number in range(MOST_FINDINGS + 2):
        name = f"This was planned for the week number {number}"
        old = {"created_at": at - (40 + number) * DAY, "expires_at": at + DAY, "source": RUN}
        await keeper.remembers(name, {"tier": Tier.TASK}, **old)
    found = await audit(keeper)
    assert len(found.duplicates) == len(found.never_recalled) == len(found.expiring) == MOST_FINDINGS


async def test_nothing_of_others_is_told_even_when_it_is_shared(world: World) -> None:
    keeper, other = await Keeper.new(world), await Keeper.new(world, "eve@example.com")
    old = {"created_at": world.clock.now() - 99 * DAY, "workspace_id": keeper.workspace.id}
    await other.remembers("Likes tea.", {"shared": True}, **old)
    await other.remembers("Likes tea, too.", {"shared": True}, source=RUN, **old)
    assert await audit(keeper) == MemoryAudit(compared=0, duplicates=[], echoes=[], never_recalled=[], expiring=[])
    views = MemoryMemoryAuditViews(world.store)
    with pytest.raises(NotFound):
        await AuditMemories(views, world.clock)(other.caller, keeper.workspace.id)
