"""Whoever looks after the instance, and what they may not see."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.access import Role
from entrypoints.supervisor.embedded import Urls
from tests.databases import new_database
from tests.http.system import Member, System, problem, settings_for, started

INSTANCE = "/api/v1/instance"
SUSPENDED = "This workspace is suspended: it can be read, not changed. Ask who runs this instance."


@dataclass(frozen=True, slots=True)
class Found:
    """All that a list shows, and its text."""

    items: list[dict[str, Any]]
    text: str


async def all_of(api: httpx.AsyncClient, name: str, **query: Any) -> Found:
    """All pages of a list of the instance."""
    items, text, cursor = list[dict[str, Any]](), "", None
    while True:
        params = {"limit": 100, **query} | ({"cursor": cursor} if cursor else {})
        answer = await api.get(f"{INSTANCE}/{name}", params=params)
        answer.raise_for_status()
        items, text, cursor = items + answer.json()["items"], text + answer.text, answer.json()["next_cursor"]
        if cursor is None:
            return Found(items, text)


async def act(system: System, path: str) -> dict[str, Any]:
    answer = await system.owner.post(f"{INSTANCE}/{path}")
    assert answer.status_code == 200, answer.text
    state: dict[str, Any] = answer.json()
    return state


async def told(system: System, subject: object) -> list[str]:
    """The types of what the instance was told of this one, newest first."""
    events = (await all_of(system.owner, "activity")).items
    return [event["type"] for event in events if event["subject"]["id"] == str(subject)]


async def dead_job(system: System, member: Member) -> str:
    identifier = str(uuid4())
    await system.sql(
        "insert into jobs (id, type, workspace_id, payload, status, progress, attempt, failures, max_attempts, run_at,"
        " cancel_asked, created_at, ended_at, error) values (%s, 'none', %s, '{\"note\": \"private words\"}', 'dead',"
        " 0, 5, 5, 5, now(), false, now(), now(), 'It failed.')",
        identifier,
        member.workspace_id,
    )
    return identifier


async def test_an_administrator_sees_that_there_are_users_workspaces_and_jobs_and_nothing_in_them(
    system: System, member: Member
) -> None:
    await system.joined(member.workspace_id, Role.VIEWER)
    secret = {"knowledge_base": "private words", "description": "private words"}
    (await member.api.patch(member.path, json=secret)).raise_for_status()
    (await member.api.patch("/api/v1/users/me", json={"bio": "private words"})).raise_for_status()
    (await (await system.visitor(member.handle)).say("private words")).raise_for_status()
    job_id = await dead_job(system, member)

    users, workspaces, jobs = [await all_of(system.owner, name) for name in ("users", "workspaces", "dead-jobs")]
    (user,) = [each for each in users.items if each["id"] == str(member.user.id)]
    assert (user["email"], user["administrator"], user["workspaces"], user["deactivated_at"]) == (
        member.user.email,
        False,
        1,
        None,
    )
    (workspace,) = [each for each in workspaces.items if each["id"] == member.workspace_id]
    assert (workspace["handle"], workspace["members"], workspace["suspended_at"]) == (member.handle, 2, None)
    (job,) = [each for each in jobs.items if each["id"] == job_id]
    assert (job["type"], job["workspace_id"], job["error"]) == ("none", member.workspace_id, "It failed.")
    assert "private words" not in users.text + workspaces.text + jobs.text
    for path in (member.path, f"{member.path}/conversations", f"/api/v1/jobs/{job_id}"):
        problem(await system.owner.get(path), 404, "not_found")


async def test_every_look_is_noted_with_who_looked(system: System) -> None:
    owner = (await system.owner.get("/api/v1/users/me")).json()["id"]
    for name, what in (("users", "users"), ("workspaces", "workspaces"), ("dead-jobs", "jobs")):
        (await system.owner.get(f"{INSTANCE}/{name}")).raise_for_status()
        newest = (await system.owner.get(f"{INSTANCE}/activity", params={"limit": 2})).json()["items"]
        assert [(event["type"], event["data"]["what"]) for event in newest] == [
            ("instance.listed", "activity"),
            ("instance.listed", what),
        ]
        assert {event["actor"]["id"] for event in newest} == {owner}


async def test_who_is_deactivated_is_kept_out_whatever_they_sign_in_with(system: System, member: Member) -> None:
    session, robot = await system.bearing(await system.session(member.user)), member.api
    visitor = await system.visitor(member.handle)
    assert [(await api.get(member.path)).status_code for api in (session, robot)] == [200, 200]

    first = await act(system, f"users/{member.user.id}/deactivate")
    assert first["deactivated_at"] is not None
    assert await act(system, f"users/{member.user.id}/deactivate") == first
    for api in (session, robot):
        problem(await api.get(member.path), 401, "unauthenticated")
    assert (await visitor.say("Hello")).status_code == 201  # the business goes on

    assert (await act(system, f"users/{member.user.id}/activate"))["deactivated_at"] is None
    problem(await session.get(member.path), 401, "unauthenticated")  # they sign in anew
    assert (await robot.get(member.path)).status_code == 200
    assert await told(system, member.user.id) == ["user.activated", "user.deactivated"]


async def test_a_suspended_workspace_can_be_read_by_members_and_talks_to_nobody(system: System, member: Member) -> None:
    visitor, edit = await system.visitor(member.handle), {"subtitle": "Open again"}
    colleague = await system.joined(member.workspace_id, Role.MEMBER)
    (await visitor.say("Hello")).raise_for_status()
    await visitor.replies()

    assert (await act(system, f"workspaces/{member.workspace_id}/suspend"))["suspended_at"] is not None
    problem(await visitor.say("Are you there?"), 404, "not_found")
    assert len((await visitor.messages())["items"]) == 2  # what was said is the visitor's to read
    for path in ("/api/v1/public/workspaces/", "/chat/"):
        assert (await system.client.get(f"{path}{member.handle}")).status_code == 404
    started = {"workspace_handle": member.handle}
    problem(await system.client.post("/api/v1/public/conversations", json=started), 404, "not_found")
    for api in (member.api, colleague.api):
        assert (await api.get(member.path)).status_code == 200
        assert (await api.get(f"{member.path}/conversations")).status_code == 200
        answer = await api.post(f"{member.path}/services", json={"name": "Portrait"})
        assert problem(answer, 403, "forbidden")["detail"] == SUSPENDED
    assert problem(await member.api.patch(member.path, json=edit), 403, "forbidden")["detail"] == SUSPENDED
    assert (await colleague.api.get(colleague.path)).status_code == 200  # their own is another

    assert (await act(system, f"workspaces/{member.workspace_id}/restore"))["suspended_at"] is None
    assert (await member.api.patch(member.path, json=edit)).status_code == 200
    assert (await visitor.say("Are you there?")).status_code == 201
    await visitor.replies()
    assert await told(system, member.workspace_id) == ["workspace.restored", "workspace.suspended"]
    own = (await member.api.get(f"{member.path}/activity")).json()["items"]
    types = [event["type"] for event in own if event["type"].startswith("workspace.")]
    assert [each for each in types if each in {"workspace.suspended", "workspace.restored"}] == [
        "workspace.restored",
        "workspace.suspended",
    ]


async def test_nobody_else_looks_after_the_instance(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    asked = [("GET", name) for name in ("users", "workspaces", "dead-jobs", "activity")]
    asked += [("POST", f"users/{member.user.id}/deactivate"), ("POST", f"workspaces/{member.workspace_id}/suspend")]
    for method, path in asked:
        problem(await system.client.request(method, f"{INSTANCE}/{path}"), 401, "unauthenticated")
        problem(await system.client.request(method, f"{INSTANCE}/{path}", headers=visitor.headers), 404, "not_found")
        answer = await member.api.request(method, f"{INSTANCE}/{path}")
        permission = "instance:read" if method == "GET" else "instance:write"
        assert problem(answer, 403, "forbidden")["detail"] == f"You lack the permission '{permission}'."
    assert (await member.api.get(member.path)).status_code == 200


@pytest.mark.parametrize("path", ["users/{}/deactivate", "users/{}/activate", "workspaces/{}/suspend"])
async def test_what_there_is_not_cannot_be_stopped(system: System, path: str) -> None:
    problem(await system.owner.post(f"{INSTANCE}/{path.format(uuid4())}"), 404, "not_found")


@pytest.fixture
async def alone(servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """An instance in whose database the owner is the only administrator."""
    async with new_database(servers) as url:
        settings = settings_for(url, servers.redis, tmp_path_factory.mktemp("alone"))
        async with started(settings, worker=False) as system:
            yield system


async def test_the_last_administrator_cannot_be_deactivated(alone: System) -> None:
    me = (await alone.owner.get("/api/v1/users/me")).json()
    assert me["administrator"] is True
    problem(await alone.owner.post(f"{INSTANCE}/users/{me['id']}/deactivate"), 409, "last_administrator")

    member = await alone.member()
    await alone.container.instance().grant_administration()(str(member.user.email), granted=True)
    assert (await member.api.post(f"{INSTANCE}/users/{me['id']}/deactivate")).status_code == 200
    problem(await alone.owner.get("/api/v1/users/me"), 401, "unauthenticated")
    problem(await member.api.post(f"{INSTANCE}/users/{member.user.id}/deactivate"), 409, "last_administrator")
