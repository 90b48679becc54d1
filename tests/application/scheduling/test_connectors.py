from collections.abc import Mapping

import pytest

from application.ports.scheduling import ConnectorView
from application.ports.workspaces import WorkspaceView
from application.scheduling.activate_connector import ActivateConnector
from application.scheduling.connectors import (
    AddConnector,
    EditConnector,
    ListConnectors,
    ReadConnector,
    RemoveConnector,
)
from domain.access import Caller
from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.scheduling import MOST, ConnectorType, TooMany
from tests.application.world import World

SECRET = "s3cret-of-the-calendar"
PAGE = "https://calendly.com/ada"


async def add(
    world: World,
    owner: Caller,
    workspace: WorkspaceView,
    config: Mapping[str, object] | None = None,
    *,
    active: bool = False,
) -> ConnectorView:
    add_connector = AddConnector(world.begin, world.secret_box, world.clock)
    wanted = config or {"url": PAGE, "api_token": SECRET}
    return await add_connector(owner, workspace.id, ConnectorType.CALENDLY, wanted, active=active)


def unsealed(world: World, connector: ConnectorView, key: str = "api_token") -> bytes:
    sealed = world.store.connectors.rows[connector.id].sealed[key]
    return world.secret_box.unseal(sealed, purpose=f"connector:{connector.id}")


async def test_a_secret_is_sealed_for_its_connector_and_shown_to_nobody(world: World) -> None:
    owner, workspace = await world.owner()
    connector = await add(world, owner, workspace)
    read = await ReadConnector(world.scheduling)(owner, connector.id)
    page = await ListConnectors(world.scheduling)(owner, workspace.id, None, 10)

    assert read == connector == page.items[0]
    assert connector.config == {"url": PAGE, "has_api_token": True}
    assert unsealed(world, connector) == SECRET.encode()
    kept = f"{world.store.connectors.rows} {world.store.activity} {read} {page}"
    assert SECRET not in kept


async def test_an_edit_keeps_replaces_and_removes_the_secret(world: World) -> None:
    owner, workspace = await world.owner()
    connector = await add(world, owner, workspace)
    edit = EditConnector(world.begin, world.secret_box, world.clock)

    moved = await edit(owner, connector.id, {"url": f"{PAGE}/30min"}, connector.version)
    assert (moved.config, unsealed(world, connector)) == (
        {"url": f"{PAGE}/30min", "has_api_token": True},
        SECRET.encode(),
    )
    await edit(owner, connector.id, {"api_token": "another"})
    assert unsealed(world, connector) == b"another"
    bare = await edit(owner, connector.id, {"api_token": None})
    assert bare.config == {"url": f"{PAGE}/30min", "has_api_token": False}
    assert world.happened()[-1] == "connector.edited"


@pytest.mark.parametrize(
    ("config", "pointers"),
    [
        ({}, ["/config/url"]),
        ({"url": "https://calendly.com.evil.example/ada"}, ["/config/url"]),
        ({"url": PAGE, "token": "x"}, ["/config/token"]),
        ({"url": "http://calendly.com/ada", "api_token": ""}, ["/config/url", "/config/api_token"]),
    ],
)
async def test_a_wrong_config_is_refused_key_by_key(
    world: World, config: Mapping[str, object], pointers: list[str]
) -> None:
    owner, workspace = await world.owner()
    connector = await add(world, owner, workspace)
    add_connector = AddConnector(world.begin, world.secret_box, world.clock)

    with pytest.raises(Invalid) as refused:
        await add_connector(owner, workspace.id, ConnectorType.CALENDLY, config, active=True)
    assert [fault.pointer for fault in refused.value.faults] == pointers
    with pytest.raises(Invalid):
        await EditConnector(world.begin, world.secret_box, world.clock)(owner, connector.id, {"url": "", **config})
    assert list(world.store.connectors.rows) == [connector.id]


async def test_one_added_active_takes_over(world: World) -> None:
    owner, workspace = await world.owner()
    first = await add(world, owner, workspace, active=True)
    second = await add(world, owner, workspace, active=True)

    read = ReadConnector(world.scheduling)
    assert [(await read(owner, each.id)).active for each in (first, second)] == [False, True]
    assert second.active


async def test_a_full_list_takes_no_more(world: World) -> None:
    owner, workspace = await world.owner()
    for _ in range(MOST):
        await add(world, owner, workspace)

    with pytest.raises(TooMany, match="100 connectors"):
        await add(world, owner, workspace)


async def test_a_removed_connector_is_gone_with_its_secrets(world: World) -> None:
    owner, workspace = await world.owner()
    connector = await add(world, owner, workspace, active=True)
    remove = RemoveConnector(world.begin, world.clock)
    with pytest.raises(Stale):
        await remove(owner, connector.id, 99)
    await remove(owner, connector.id)

    assert not world.store.connectors.rows
    with pytest.raises(NotFound):
        await ReadConnector(world.scheduling)(owner, connector.id)
    assert world.happened()[-1] == "connector.removed"


async def test_another_version_than_expected_is_not_edited(world: World) -> None:
    owner, workspace = await world.owner()
    connector = await add(world, owner, workspace)
    await ActivateConnector(world.begin, world.clock)(owner, connector.id)

    with pytest.raises(Stale):
        await EditConnector(world.begin, world.secret_box, world.clock)(owner, connector.id, {}, connector.version)


async def test_connectors_of_others_are_not_found_and_viewers_only_look(world: World) -> None:
    owner, workspace = await world.owner()
    connector = await add(world, owner, workspace)
    for caller, fact in ((world.stranger(), NotFound), (world.viewer(workspace), Forbidden)):
        with pytest.raises(fact):
            await add(world, caller, workspace)
        with pytest.raises(fact):
            await EditConnector(world.begin, world.secret_box, world.clock)(caller, connector.id, {})
        with pytest.raises(fact):
            await RemoveConnector(world.begin, world.clock)(caller, connector.id)
    with pytest.raises(NotFound):
        await ReadConnector(world.scheduling)(world.stranger(), connector.id)
    with pytest.raises(NotFound):
        await ListConnectors(world.scheduling)(world.stranger(), workspace.id, None, 10)
    assert (await ReadConnector(world.scheduling)(world.viewer(workspace), connector.id)) == connector
