import pytest

from application.ports.workspaces import WorkspaceView
from application.scheduling.connectors import AddConnector
from application.scheduling.services import AddService, RemoveService
from application.workspaces.demo import DEMO_SERVICES
from application.workspaces.seed_demo import SeedDemo
from domain.access import Caller
from domain.errors import NotFound
from tests.application.world import World


async def seed(world: World, owner: Caller, workspace: WorkspaceView) -> WorkspaceView:
    seed_demo = SeedDemo(
        world.scheduling,
        AddService(world.begin, world.clock),
        AddConnector(world.begin, world.secret_box, world.clock),
        world.edit_workspace,
    )
    await seed_demo(owner, workspace)
    seeded = await world.workspaces.workspace(workspace.id)
    assert seeded
    return seeded


async def names(world: World, workspace: WorkspaceView) -> list[str]:
    return [service.name for service in (await world.scheduling.services(workspace.id, None, 100)).items]


async def test_it_makes_the_demo_business(world: World) -> None:
    owner, workspace = await world.owner()
    seeded = await seed(world, owner, workspace)

    assert (seeded.handle, seeded.timezone) == ("harbour-studio", "Europe/Lisbon")
    assert await names(world, seeded) == [service.name for service in DEMO_SERVICES]
    connectors = await world.scheduling.connectors(seeded.id, None, 10)
    assert [connector.active for connector in connectors.items] == [True]
    found = await world.find(seeded.id, "What does a consultation cost?")
    assert any("60 €" in text for text in found[:3])


async def test_seeded_twice_nothing_is_doubled_or_changed(world: World) -> None:
    owner, workspace = await world.owner()
    seeded = await seed(world, owner, workspace)
    happened = world.happened()

    assert await seed(world, owner, seeded) == seeded
    assert world.happened() == happened


async def test_what_is_missing_comes_back_and_what_was_edited_stays(world: World) -> None:
    owner, workspace = await world.owner()
    seeded = await world.edit(owner, await seed(world, owner, workspace), {"knowledge_base": "Mine.", "name": "Mine"})
    first = (await world.scheduling.services(seeded.id, None, 100)).items[0]
    await RemoveService(world.begin, world.clock)(owner, first.id)

    again = await seed(world, owner, seeded)

    assert (again.knowledge_base, again.name) == ("Mine.", "Mine")
    assert sorted(await names(world, again)) == sorted(service.name for service in DEMO_SERVICES)


async def test_where_the_handle_is_taken_the_workspace_keeps_its_own(world: World) -> None:
    await world.owner("harbour.studio@example.com")
    owner, workspace = await world.owner()
    seeded = await seed(world, owner, workspace)

    assert (seeded.handle, seeded.name) == ("ada", "Harbour Studio")
    assert seeded.knowledge_base


async def test_a_stranger_seeds_nothing(world: World) -> None:
    _, workspace = await world.owner()

    with pytest.raises(NotFound):
        await seed(world, world.stranger(), workspace)
    assert await names(world, workspace) == []
