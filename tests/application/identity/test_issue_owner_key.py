import pytest

from adapters.memory.callers import MemoryCallers
from application.identity.issue_owner_key import IssueOwnerKey
from domain.access import Permission
from domain.errors import Forbidden, NotFound, Unauthenticated
from domain.identity import SessionLife
from tests.application.world import World


async def test_the_key_opens_what_its_owner_may_do(world: World) -> None:
    owner, workspace = await world.owner()
    token = await IssueOwnerKey(world.begin, world.clock)(owner, workspace.id, "start")

    caller = await MemoryCallers(world.store, world.clock, SessionLife()).of_token(token.reveal())

    assert caller.actor == owner.actor
    caller.must(Permission.WORKSPACE_WRITE, workspace.id)
    assert world.happened()[-1] == "key.issued"


async def test_the_secret_is_stored_nowhere(world: World) -> None:
    owner, workspace = await world.owner()
    token = await IssueOwnerKey(world.begin, world.clock)(owner, workspace.id, "start")

    stored = (*world.store.credentials.rows.values(), *(event.data for event in world.events(workspace.id)))
    assert token.secret not in " ".join(f"{row} {getattr(row, 'digest', b'')!r}" for row in stored)


async def test_the_only_key_of_a_name_leaves_the_former_ones_open_nothing(world: World) -> None:
    owner, workspace = await world.owner()
    issue, callers = IssueOwnerKey(world.begin, world.clock), MemoryCallers(world.store, world.clock, SessionLife())
    first, other = await issue(owner, workspace.id, "start"), await issue(owner, workspace.id, "laptop")
    second = await issue(owner, workspace.id, "start", alone=True)

    with pytest.raises(Unauthenticated):
        await callers.of_token(first.reveal())
    assert (await callers.of_token(second.reveal())).actor == owner.actor
    assert (await callers.of_token(other.reveal())).actor == owner.actor


async def test_only_who_may_change_the_workspace_gets_a_key(world: World) -> None:
    _, workspace = await world.owner()
    issue = IssueOwnerKey(world.begin, world.clock)

    with pytest.raises(NotFound):
        await issue(world.stranger(), workspace.id, "start")
    with pytest.raises(Forbidden):
        await issue(world.viewer(workspace), workspace.id, "start")
    assert not world.store.credentials.rows
