import pytest

from application.workspaces.read_chat_page import ReadChatPage
from domain.errors import NotFound
from tests.application.world import World


async def test_it_is_made_from_the_active_workspace(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"public_name": "Ada & Co.", "embed_origins": ["https://ada.example"]})

    page = await ReadChatPage(world.workspaces)("ada")

    assert (page.public_name, page.embed_origins) == ("Ada & Co.", ("https://ada.example",))


async def test_an_absent_or_inactive_workspace_has_none(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"active": False})
    read = ReadChatPage(world.workspaces)

    for handle in ("ada", "nobody", ""):
        with pytest.raises(NotFound):
            await read(handle)
