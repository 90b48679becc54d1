from dataclasses import replace
from uuid import uuid4

import pytest

from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.errors import Forbidden, Invalid, NotFound
from domain.jobs import JobStatus
from domain.permissions import Permission
from domain.workspaces import (
    MOST_WORKSPACES,
    HandleTaken,
    PersonalWorkspace,
    TooManyWorkspaces,
)
from tests.application.workspaces.house import House


async def test_whoever_makes_a_workspace_owns_it(house: House) -> None:
    made = await house.create(await house.caller("olga"), "Harbour Studio")
    assert (made.name, made.handle, made.personal) == ("Harbour Studio", "harbour-studio", False)
    assert house.roles(made.id) == {"olga": Role.OWNER}
    (created,) = house.world.events(made.id)
    assert (created.type, created.data) == ("workspace.created", {"handle": "harbour-studio"})


async def test_a_handle_is_found_unless_it_is_given(house: House) -> None:
    olga = await house.caller("olga")
    made = [await house.create(olga, "Studio") for _ in range(12)]
    assert [each.handle for each in made[:9]] == ["studio", *(f"studio-{number}" for number in range(2, 10))]
    assert len({each.handle for each in made}) == 12
    assert (await house.create(olga, "Studio", "atelier")).handle == "atelier"
    with pytest.raises(HandleTaken):
        await house.create(olga, "Studio", "atelier")
    for name, handle in (("Studio", "No handle"), (" ", None)):
        with pytest.raises(Invalid):
            await house.create(olga, name, handle)


async def test_only_users_with_their_account_make_workspaces_and_not_without_end(house: House) -> None:
    olga = await house.caller("olga")
    visitor = Caller(actor=Actor(ActorType.VISITOR, uuid4(), "Visitor"))
    with pytest.raises(NotFound):
        await house.create(visitor, "Studio")
    with pytest.raises(Forbidden):
        await house.create(replace(olga, own=frozenset({Permission.ACCOUNT_READ})), "Studio")
    for _ in range(MOST_WORKSPACES):
        await house.create(olga, "Studio", f"w-{uuid4().hex}")
    with pytest.raises(TooManyWorkspaces):
        await house.create(olga, "Studio")


async def test_a_user_sees_the_workspaces_they_belong_to_with_their_roles(house: House) -> None:
    studio = await house.studio(ada=Role.ADMIN)
    own = await house.create(await house.caller("ada"), "Ada's")
    await house.create(await house.caller("eve"), "Elsewhere")
    ada = await house.caller("ada")
    page = await house.list_workspaces(ada, None, 10)
    assert [(view.id, view.role) for view in page.items] == [(own.id, Role.OWNER), (studio.id, Role.ADMIN)]
    narrow = replace(ada, grants={studio.id: Grant.of(Role.ADMIN, frozenset({Permission.WORKSPACE_READ}))})
    assert [view.id for view in (await house.list_workspaces(narrow, None, 10)).items] == [studio.id]
    blind = replace(ada, grants={studio.id: Grant.of(Role.ADMIN, frozenset({Permission.JOB_READ}))})
    assert list((await house.list_workspaces(blind, None, 10)).items) == []
    with pytest.raises(Forbidden):
        await house.list_workspaces(replace(ada, own=frozenset[Permission]()), None, 10)


async def test_an_owner_deletes_a_workspace_by_its_handle_and_its_history_stays(house: House) -> None:
    studio = await house.studio(ada=Role.ADMIN)
    visit = await house.world.visit(studio.handle)
    posted = await house.world.say(visit)
    claim = await house.world.claim()
    await house.world.say(visit, "And another?")
    olga, ada = await house.caller("olga"), await house.caller("ada")
    with pytest.raises(Forbidden):
        await house.delete(ada, studio.id, studio.handle)
    with pytest.raises(Invalid):
        await house.delete(olga, studio.id, "another")
    await house.delete(olga, studio.id, studio.handle)
    assert await house.world.workspaces.workspace(studio.id) is None
    assert house.roles(studio.id) == {}
    assert house.world.said(visit) == []
    jobs = [job for job in house.world.store.jobs.rows.values() if job.workspace_id == studio.id]
    assert {job.status for job in jobs} == {JobStatus.RUNNING, JobStatus.CANCELLED}
    assert [job.cancel_asked for job in jobs if job.id == claim.job_id] == [True]
    assert posted.run is not None
    told = house.world.events(studio.id)[-1]
    members = {str(await house.id_of(name)) for name in ("olga", "ada")}
    assert (told.type, told.data["handle"]) == ("workspace.deleted", studio.handle)
    assert set(map(str, _list(told.data["members"]))) == members


async def test_one_who_was_an_owner_when_their_request_came_deletes_nothing(house: House) -> None:
    studio = await house.studio(otto=Role.OWNER)
    stale = await house.caller("otto")
    await house.change_role(await house.caller("olga"), studio.id, await house.id_of("otto"), Role.ADMIN)
    with pytest.raises(Forbidden):
        await house.delete(stale, studio.id, studio.handle)
    assert await house.world.workspaces.workspace(studio.id) == studio


async def test_a_personal_workspace_is_not_deleted(house: House) -> None:
    owner, workspace = await house.world.owner()
    with pytest.raises(PersonalWorkspace):
        await house.delete(owner, workspace.id, workspace.handle)
    assert await house.world.workspaces.workspace(workspace.id) == workspace


async def test_a_workspace_of_others_is_none(house: House) -> None:
    studio = await house.studio()
    with pytest.raises(NotFound):
        await house.delete(await house.caller("eve"), studio.id, studio.handle)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return [*value]
