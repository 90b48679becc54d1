from decimal import Decimal

import pytest

from application.ports.scheduling import MoneyView, ServiceView
from application.ports.workspaces import WorkspaceView
from application.scheduling.services import (
    AddService,
    EditService,
    ListServices,
    ReadService,
    RemoveService,
    ReorderServices,
)
from domain.access import Caller
from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.ids import ServiceId, new_id
from domain.scheduling import MOST, Money, ServiceFormat, TooMany
from tests.application.world import World


async def offer(world: World, owner: Caller, workspace: WorkspaceView, *names: str) -> list[ServiceView]:
    add = AddService(world.begin, world.clock)
    return [await add(owner, workspace.id, {"name": name}) for name in names]


async def listed(world: World, workspace: WorkspaceView) -> list[str]:
    page = await ListServices(world.scheduling)(world.viewer(workspace), workspace.id, None, 100)
    return [service.name for service in page.items]


async def test_a_new_service_comes_last(world: World) -> None:
    owner, workspace = await world.owner()
    (first,) = await offer(world, owner, workspace, "Haircut")
    second = await AddService(world.begin, world.clock)(
        owner,
        workspace.id,
        {"name": " Shave ", "format": ServiceFormat.ONLINE, "price_from": Money(Decimal("9.50"), "EUR")},
    )

    assert (first.position, second.position) == (0, 1)
    assert (second.name, second.price_from) == ("Shave", MoneyView(amount="9.50", currency="EUR"))
    assert await listed(world, workspace) == ["Haircut", "Shave"]
    assert await ReadService(world.scheduling)(owner, second.id) == second


async def test_a_service_needs_a_name(world: World) -> None:
    owner, workspace = await world.owner()

    with pytest.raises(Invalid) as refused:
        await AddService(world.begin, world.clock)(owner, workspace.id, {"description": "Nameless."})
    assert refused.value.faults[0].pointer == "/name"


async def test_a_full_list_takes_no_more(world: World) -> None:
    owner, workspace = await world.owner()
    await offer(world, owner, workspace, *(f"Service {number}" for number in range(MOST)))

    with pytest.raises(TooMany, match="100 services"):
        await offer(world, owner, workspace, "One more")


async def test_an_edit_changes_what_was_sent_and_names_it(world: World) -> None:
    owner, workspace = await world.owner()
    (service,) = await offer(world, owner, workspace, "Haircut")
    edited = await EditService(world.begin, world.clock)(
        owner, service.id, {"duration_minutes": 30, "active": False}, service.version
    )

    assert (edited.name, edited.duration_minutes, edited.active, edited.version) == ("Haircut", 30, False, 2)
    assert world.events(workspace.id)[-1].data["fields"] == ["active", "duration_minutes"]


async def test_an_edit_of_nothing_changes_nothing(world: World) -> None:
    owner, workspace = await world.owner()
    (service,) = await offer(world, owner, workspace, "Haircut")
    happened = world.happened()

    assert await EditService(world.begin, world.clock)(owner, service.id, {}) == service
    assert world.happened() == happened


async def test_another_version_than_expected_is_neither_edited_nor_removed(world: World) -> None:
    owner, workspace = await world.owner()
    (service,) = await offer(world, owner, workspace, "Haircut")

    with pytest.raises(Stale):
        await EditService(world.begin, world.clock)(owner, service.id, {"name": "Shave"}, 7)
    with pytest.raises(Stale):
        await RemoveService(world.begin, world.clock)(owner, service.id, 7)
    assert await listed(world, workspace) == ["Haircut"]


async def test_a_removed_service_is_gone(world: World) -> None:
    owner, workspace = await world.owner()
    first, second = await offer(world, owner, workspace, "Haircut", "Shave")
    await RemoveService(world.begin, world.clock)(owner, first.id, first.version)

    assert await listed(world, workspace) == ["Shave"]
    with pytest.raises(NotFound):
        await ReadService(world.scheduling)(owner, first.id)
    assert world.happened()[-1] == "service.removed"
    assert (await offer(world, owner, workspace, "Colour"))[0].position > second.position


async def test_services_come_in_the_order_they_were_put_in(world: World) -> None:
    owner, workspace = await world.owner()
    a, b, c = await offer(world, owner, workspace, "A", "B", "C")
    page = await ReorderServices(world.begin, world.clock)(owner, workspace.id, [c.id, b.id, a.id])

    assert [(service.name, service.position) for service in page.items] == [("C", 0), ("B", 1), ("A", 2)]
    assert [service.version for service in page.items] == [2, 1, 2]
    assert await listed(world, workspace) == ["C", "B", "A"]


@pytest.mark.parametrize("chosen", [[], [0], [0, 0], [0, 1, 1], [0, 1, None]])
async def test_an_order_of_other_than_exactly_the_services_is_refused(world: World, chosen: list[int | None]) -> None:
    owner, workspace = await world.owner()
    services = await offer(world, owner, workspace, "A", "B")
    unknown = ServiceId(new_id(world.clock.now()))
    ids = [unknown if place is None else services[place].id for place in chosen]

    with pytest.raises(Invalid):
        await ReorderServices(world.begin, world.clock)(owner, workspace.id, ids)
    assert await listed(world, workspace) == ["A", "B"]


async def test_services_of_others_are_not_found_and_viewers_only_look(world: World) -> None:
    owner, workspace = await world.owner()
    (service,) = await offer(world, owner, workspace, "Haircut")
    for caller, fact in ((world.stranger(), NotFound), (world.viewer(workspace), Forbidden)):
        with pytest.raises(fact):
            await offer(world, caller, workspace, "Mine")
        with pytest.raises(fact):
            await EditService(world.begin, world.clock)(caller, service.id, {"name": "Mine"})
        with pytest.raises(fact):
            await RemoveService(world.begin, world.clock)(caller, service.id)
        with pytest.raises(fact):
            await ReorderServices(world.begin, world.clock)(caller, workspace.id, [service.id])
    with pytest.raises(NotFound):
        await ReadService(world.scheduling)(world.stranger(), service.id)
    with pytest.raises(NotFound):
        await ListServices(world.scheduling)(world.stranger(), workspace.id, None, 10)
    assert await listed(world, workspace) == ["Haircut"]
