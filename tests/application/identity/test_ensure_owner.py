import asyncio

from domain.access import Permission
from domain.identity import User
from domain.ids import UserId, new_id
from tests.application.world import World


async def test_the_owner_owns_their_personal_workspace(world: World) -> None:
    owner, workspace = await world.ensure_owner("ada@example.com", "Ada")

    owner.must(Permission.WORKSPACE_WRITE, workspace.id)
    assert (workspace.personal, workspace.name, workspace.handle) == (True, "Ada", "ada")


async def test_the_second_time_it_finds_what_the_first_has_made(world: World) -> None:
    first = await world.ensure_owner("ada@example.com", "Ada")

    assert await world.ensure_owner("ada@example.com", "Another name") == first
    assert len(world.store.users.rows) == len(world.store.workspaces.rows) == 1


async def test_the_case_of_an_email_makes_no_second_owner(world: World) -> None:
    first = await world.ensure_owner("Ada@Example.com", "Ada")

    assert await world.ensure_owner("ada@example.COM", "Ada") == first
    assert [user.email for user in world.store.users.rows.values()] == ["ada@example.com"]


async def test_ten_at_once_make_one_user_with_one_workspace(world: World) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(world.ensure_owner("ada@example.com", "Ada")) for _ in range(10)]

    assert len({workspace.id for _, workspace in (task.result() for task in tasks)}) == 1
    assert len({caller.actor for caller, _ in (task.result() for task in tasks)}) == 1
    assert len(world.store.users.rows) == len(world.store.workspaces.rows) == 1


async def test_whoever_comes_second_finds_the_user_that_the_first_is_about_to_store(world: World) -> None:
    now = world.clock.now()
    first = User(id=UserId(new_id(now)), email="ada@example.com", name="Ada", created_at=now)
    async with world.begin() as work:
        await work.users.add(first)
        second = asyncio.create_task(world.ensure_owner("ada@example.com", "Ada"))
        await asyncio.sleep(0)
        await work.commit(None)

    owner, _ = await second
    assert owner.actor == first.actor
    assert list(world.store.users.rows) == [first.id]
