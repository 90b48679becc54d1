import asyncio
from contextlib import aclosing

import pytest

from application.activity.follow_activity import BATCH, FollowActivity
from application.ports.bell import LOOK_ANYWAY
from domain.errors import NotFound
from tests.application.jumping import jump
from tests.application.world import World


async def numbers(world: World, after: int | None, amount: int) -> list[int | None]:
    """What a member of the one workspace is shown first; None is silence."""
    (workspace,) = world.store.workspaces.rows.values()
    owner, _ = await world.owner()
    events = await FollowActivity(world.activity, world.bell)(owner, workspace.id, after)
    async with aclosing(events):
        return [event.id if event else None for event in [await anext(events) for _ in range(amount)]]


async def edit(world: World, times: int) -> None:
    owner, workspace = await world.owner()
    for number in range(times):
        await world.edit(owner, workspace, {"name": f"Name {number}"})


async def test_who_resumes_is_shown_all_that_came_after(world: World) -> None:
    await edit(world, 3)

    assert await numbers(world, 0, 5) == [1, 2, 3, 4, None]
    assert await numbers(world, 2, 3) == [3, 4, None]


async def test_more_than_a_batch_comes_whole_and_in_order(world: World) -> None:
    await edit(world, BATCH * 2 + 10)

    assert await numbers(world, 0, BATCH * 2 + 12) == [*range(1, BATCH * 2 + 12), None]


async def test_what_happens_before_the_first_look_is_new_already(world: World) -> None:
    await edit(world, 3)
    owner, workspace = await world.owner()
    events = await FollowActivity(world.activity, world.bell)(owner, workspace.id, None)
    await edit(world, 1)
    async with aclosing(events):
        event = await anext(events)
    assert event is not None
    assert event.id == 5


async def test_without_a_number_what_is_new_is_shown_as_it_happens(world: World) -> None:
    await edit(world, 3)
    owner, workspace = await world.owner()
    events = await FollowActivity(world.activity, world.bell)(owner, workspace.id, None)
    async with aclosing(events):
        assert await anext(events) is None
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        assert not waiting.done()
        await edit(world, 1)

        event = await waiting
        assert event
        assert (event.id, event.type) == (5, "workspace.edited")


def test_while_nothing_happens_it_looks_now_and_then() -> None:
    async def main() -> None:
        world = World()
        await world.owner()
        assert await numbers(world, None, 3) == [None] * 3
        assert asyncio.get_running_loop().time() == pytest.approx(2 * LOOK_ANYWAY)

    jump(main())


async def test_activity_of_others_is_not_found_at_once(world: World) -> None:
    _, workspace = await world.owner()

    with pytest.raises(NotFound):
        await FollowActivity(world.activity, world.bell)(world.stranger(), workspace.id, None)
