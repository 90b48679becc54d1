import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from adapters.memory.store import MemoryStore
from adapters.memory.unit_of_work import MemoryUnitOfWork
from adapters.memory.workspaces import MemoryWorkspaceViews
from application.workspaces.open_personal_workspace import COUNTED, OpenPersonalWorkspace
from domain.access import Caller
from domain.errors import NotFound
from domain.identity import User
from domain.ids import UserId, new_id
from domain.jobs import Claim
from domain.workspaces import Handle, Workspace, WorkspaceCreated
from tests.application.world import World


async def a_user(world: World, email: str) -> Caller:
    user = User(id=UserId(new_id(world.clock.now())), email=email, name="Ada", created_at=world.clock.now())
    async with world.begin() as work:
        await work.users.add(user)
        await work.commit(None)
    return Caller(actor=user.actor)


async def test_ten_first_calls_at_once_make_one(world: World) -> None:
    caller = await a_user(world, "ada@example.com")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(world.open_personal_workspace(caller)) for _ in range(10)]

    assert {task.result().id for task in tasks} == set(world.store.workspaces.rows)
    assert len(world.store.workspaces.rows) == 1
    assert world.happened() == ["workspace.created"]


async def test_whoever_comes_second_gets_the_workspace_that_the_first_is_about_to_store(world: World) -> None:
    caller = await a_user(world, "ada@example.com")
    user_id, now = UserId(caller.actor.id), world.clock.now()
    first = Workspace.personal_of(user_id, "Ada", Handle("another-handle"), now)
    created = WorkspaceCreated(workspace_id=first.id, actor=caller.actor, at=now, handle="another-handle")
    async with world.begin() as work:
        await work.workspaces.add(first, user_id, because=created)
        second = asyncio.create_task(world.open_personal_workspace(caller))
        await asyncio.sleep(0)
        await work.commit(None)

    assert (await second).id == first.id
    assert list(world.store.workspaces.rows) == [first.id]


async def test_a_handle_that_is_taken_is_numbered(world: World) -> None:
    handles = [
        (await world.open_personal_workspace(await a_user(world, f"ada@{number}.example"))).handle
        for number in range(3)
    ]

    assert handles == ["ada", "ada-2", "ada-3"]


async def test_a_name_that_many_have_is_not_counted_through(world: World) -> None:
    begun = 0

    def begin(claim: Claim | None = None) -> AbstractAsyncContextManager[MemoryUnitOfWork]:
        nonlocal begun
        begun += 1
        return world.begin(claim)

    callers = [await a_user(world, f"ada@{number}.example") for number in range(40)]
    opened = [await OpenPersonalWorkspace(begin, world.workspaces, world.clock)(caller) for caller in callers]

    assert len({workspace.handle for workspace in opened}) == 40
    assert begun < 40 * (COUNTED + 2)


async def test_opened_again_it_is_the_same(world: World) -> None:
    caller = await a_user(world, "ada@example.com")

    assert await world.open_personal_workspace(caller) == await world.open_personal_workspace(caller)


async def test_only_users_have_one(world: World) -> None:
    visitor = (await world.visit()).caller

    with pytest.raises(NotFound):
        await world.open_personal_workspace(visitor)


async def test_a_workspace_that_vanishes_while_it_is_opened_is_not_found(world: World) -> None:
    caller = await a_user(world, "ada@example.com")
    await world.open_personal_workspace(caller)
    sees_nothing = MemoryWorkspaceViews(MemoryStore())

    with pytest.raises(NotFound):
        await OpenPersonalWorkspace(world.begin, sees_nothing, world.clock)(caller)
