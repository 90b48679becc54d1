import asyncio

import pytest

from application.ports.scheduling import ConnectorView
from application.ports.workspaces import WorkspaceView
from application.scheduling.activate_connector import ActivateConnector, DeactivateConnector
from application.scheduling.connectors import AddConnector, RemoveConnector
from domain.access import Caller
from domain.errors import Forbidden, NotFound, Stale
from domain.scheduling import ConnectorType
from tests.application.world import World


async def three(world: World, owner: Caller, workspace: WorkspaceView) -> list[ConnectorView]:
    add = AddConnector(world.begin, world.secret_box, world.clock)
    urls = [f"https://example.com/{number}" for number in range(3)]
    return [await add(owner, workspace.id, ConnectorType.LINK, {"url": url}, active=False) for url in urls]


def active(world: World) -> list[str]:
    return [connector.url[-1] for connector in world.store.connectors.rows.values() if connector.active]


async def test_the_one_activated_is_the_only_one(world: World) -> None:
    owner, workspace = await world.owner()
    connectors = await three(world, owner, workspace)
    activate = ActivateConnector(world.begin, world.clock)
    for connector in connectors:
        assert (await activate(owner, connector.id)).active

    assert active(world) == ["2"]
    assert world.happened()[-2:] == ["connector.deactivated", "connector.activated"]


async def test_many_activated_at_once_all_succeed_and_one_stays_active(world: World) -> None:
    owner, workspace = await world.owner()
    connectors = await three(world, owner, workspace)
    activate = ActivateConnector(world.begin, world.clock)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(activate(owner, connector.id)) for connector in connectors * 3]

    assert all(task.result().active for task in tasks)
    assert len(active(world)) == 1


async def test_activated_again_nothing_happens(world: World) -> None:
    owner, workspace = await world.owner()
    first, *_ = await three(world, owner, workspace)
    activate = ActivateConnector(world.begin, world.clock)
    once = await activate(owner, first.id)
    happened = world.happened()

    assert await activate(owner, first.id) == once
    assert world.happened() == happened


async def test_another_version_than_expected_is_neither_activated_nor_deactivated(world: World) -> None:
    owner, workspace = await world.owner()
    first, *_ = await three(world, owner, workspace)
    for use_case in (ActivateConnector(world.begin, world.clock), DeactivateConnector(world.begin, world.clock)):
        with pytest.raises(Stale):
            await use_case(owner, first.id, first.version + 1)

    assert active(world) == []


async def test_deactivated_none_is_handed_out_and_again_nothing_happens(world: World) -> None:
    owner, workspace = await world.owner()
    first, *_ = await three(world, owner, workspace)
    await ActivateConnector(world.begin, world.clock)(owner, first.id)
    deactivate = DeactivateConnector(world.begin, world.clock)
    once = await deactivate(owner, first.id)
    happened = world.happened()

    assert not once.active
    assert active(world) == []
    assert await deactivate(owner, first.id) == once
    assert world.happened() == happened


async def test_one_removed_while_others_hold_the_list_is_not_found(world: World) -> None:
    owner, workspace = await world.owner()
    first, *_ = await three(world, owner, workspace)
    async with asyncio.TaskGroup() as group, world.begin() as holder:
        await holder.connectors.of_workspace(workspace.id)
        activating = group.create_task(_fails(ActivateConnector(world.begin, world.clock), owner, first))
        deactivating = group.create_task(_fails(DeactivateConnector(world.begin, world.clock), owner, first))
        await asyncio.sleep(0)
        await RemoveConnector(world.begin, world.clock)(owner, first.id)

    assert isinstance(activating.result(), NotFound)
    assert isinstance(deactivating.result(), NotFound)


async def test_only_who_may_activates(world: World) -> None:
    owner, workspace = await world.owner()
    first, *_ = await three(world, owner, workspace)
    for use_case in (ActivateConnector(world.begin, world.clock), DeactivateConnector(world.begin, world.clock)):
        assert isinstance(await _fails(use_case, world.stranger(), first), NotFound)
        with pytest.raises(Forbidden):
            await use_case(world.viewer(workspace), first.id)
    assert active(world) == []


async def _fails(
    use_case: ActivateConnector | DeactivateConnector, caller: Caller, connector: ConnectorView
) -> Exception | None:
    try:
        await use_case(caller, connector.id)
    except NotFound as error:
        return error
    return None
