import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.access import Role
from tests.http.system import Member, System, problem


@asynccontextmanager
async def open_stream(api: httpx.AsyncClient, url: str) -> AsyncGenerator[httpx.Response]:
    """A stream whose answer has begun."""
    async with asyncio.timeout(20), api.stream("GET", url) as answer:
        assert answer.status_code == 200
        yield answer


async def ended(answer: httpx.Response) -> None:
    """Returns once the stream is closed by the server."""
    async for _ in answer.aiter_raw():
        pass


async def shared(owner: Member, name: str = "Studio") -> dict[str, Any]:
    """A new workspace that the member owns."""
    made = await owner.api.post("/api/v1/workspaces", json={"name": name})
    assert made.status_code == 201, made.text
    workspace: dict[str, Any] = made.json()
    return workspace


def _of(workspace: dict[str, Any]) -> str:
    return f"/api/v1/workspaces/{workspace['id']}"


async def test_members_are_listed_with_addresses_for_those_who_manage_them(system: System, member: Member) -> None:
    viewer = await system.joined(member.workspace_id, Role.VIEWER)
    page = (await member.api.get(f"{member.path}/members", params={"limit": 1})).json()
    rest = (await member.api.get(f"{member.path}/members", params={"cursor": page["next_cursor"]})).json()
    items = page["items"] + rest["items"]
    assert [(item["user_id"], item["name"], item["email"], item["role"]) for item in items] == [
        (str(viewer.user.id), viewer.user.name, viewer.user.email, "viewer"),
        (str(member.user.id), member.user.name, member.user.email, "owner"),
    ]
    assert set(items[0]) == {"user_id", "name", "email", "role", "joined_at"}
    shown = (await viewer.api.get(f"{member.path}/members")).json()["items"]
    assert [item["email"] for item in shown] == [None, None]


async def test_a_role_counts_from_the_moment_it_is_changed(system: System, member: Member) -> None:
    viewer = await system.joined(member.workspace_id, Role.VIEWER)
    problem(await viewer.api.post(f"{member.path}/services", json={"name": "One"}), 403, "forbidden")
    path = f"{member.path}/members/{viewer.user.id}"
    changed = await member.api.patch(path, json={"role": "member"})
    assert (changed.status_code, changed.json()["role"]) == (200, "member")
    assert (await viewer.api.post(f"{member.path}/services", json={"name": "One"})).status_code == 201
    newest = (await member.api.get(f"{member.path}/activity", params={"type": "member"})).json()["items"][0]
    assert newest["data"] == {"user_id": str(viewer.user.id), "before": "viewer", "after": "member"}
    unknown = await member.api.patch(f"{member.path}/members/{uuid4()}", json={"role": "member"})
    problem(unknown, 404, "not_found")


async def test_admins_neither_raise_themselves_nor_touch_owners(system: System, member: Member) -> None:
    workspace = await shared(member)
    admin = await system.joined(workspace["id"], Role.ADMIN)
    for user in (admin, member):
        path = f"{_of(workspace)}/members/{user.user.id}"
        problem(await admin.api.patch(path, json={"role": "owner"}), 403, "forbidden")
    problem(await admin.api.delete(f"{_of(workspace)}/members/{member.user.id}"), 403, "forbidden")
    problem(await member.api.post(f"{_of(workspace)}/leave"), 409, "last_owner")
    gone = f"{_of(workspace)}/members/{member.user.id}"
    problem(await member.api.patch(gone, json={"role": "admin"}), 409, "last_owner")
    problem(await member.api.delete(gone), 409, "last_owner")


async def test_a_workspace_is_handed_over(system: System, member: Member) -> None:
    workspace = await shared(member)
    heir = await system.joined(workspace["id"], Role.VIEWER)
    body = {"user_id": str(heir.user.id)}
    handed = await member.api.post(f"{_of(workspace)}/transfer", json=body)
    assert (handed.status_code, handed.json()["role"]) == (200, "owner")
    problem(await member.api.post(f"{_of(workspace)}/transfer", json=body), 403, "forbidden")
    assert (await member.api.post(f"{_of(workspace)}/leave")).status_code == 204
    problem(await member.api.get(_of(workspace)), 404, "not_found")
    problem(await heir.api.post(f"{_of(workspace)}/leave"), 409, "last_owner")
    problem(await member.api.post(f"{member.path}/leave"), 409, "personal_workspace")


async def test_of_two_owners_who_leave_at_once_one_stays_every_time(system: System, member: Member) -> None:
    other = await system.member()
    for _ in range(20):
        workspace = await shared(member)
        await system.sql(
            "insert into members (workspace_id, user_id, role, joined_at) values (%s, %s, 'owner', now())",
            workspace["id"],
            other.user.id,
        )
        answers = await asyncio.gather(*(one.api.post(f"{_of(workspace)}/leave") for one in (member, other)))
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        owners = "select count(*) from members where workspace_id = %s and role = 'owner'"
        assert await system.sql(owners, workspace["id"]) == [(1,)]


async def test_of_two_owners_who_unmake_each_other_at_once_one_stays(system: System, member: Member) -> None:
    workspace = await shared(member)
    other = await system.joined(workspace["id"], Role.OWNER)
    answers = await asyncio.gather(
        *(
            one.api.patch(f"{_of(workspace)}/members/{two.user.id}", json={"role": "viewer"})
            for one, two in ((member, other), (other, member))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403]


async def test_a_removed_members_streams_end_and_the_others_go_on(system: System, member: Member) -> None:
    removed, stays = [await system.joined(member.workspace_id, Role.MEMBER) for _ in range(2)]
    visitor = await system.visitor(member.handle)
    held = system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    (job,) = (await member.api.get(f"{member.path}/jobs", params={"type": "generate_reply"})).json()["items"]
    urls = (
        f"{member.path}/activity/stream",
        f"/api/v1/conversations/{visitor.conversation_id}/stream?follow=true",
        f"/api/v1/jobs/{job['id']}/stream",
    )
    async with open_stream(stays.api, urls[0]) as other:
        lines = other.aiter_lines()
        async with (
            open_stream(removed.api, urls[0]) as one,
            open_stream(removed.api, urls[1]) as two,
            open_stream(removed.api, urls[2]) as three,
        ):
            path = f"{member.path}/members/{removed.user.id}"
            assert (await member.api.delete(path)).status_code == 204
            await asyncio.gather(*(ended(answer) for answer in (one, two, three)))
        for url in urls:
            problem(await removed.api.get(url), 404, "not_found")
        assert [line async for line in _until(lines, "member.removed")]
        assert (await member.api.post(f"{member.path}/services", json={"name": "After"})).status_code == 201
        assert [line async for line in _until(lines, "service.created")]
    held.go.set()
    await visitor.replies()


async def _until(lines: Any, text: str) -> AsyncGenerator[str]:
    async for line in lines:
        if text in line:
            yield line
            return


@pytest.mark.parametrize("way", ["leave", "key"])
async def test_a_stream_ends_for_one_who_leaves_or_whose_key_of_the_workspace_goes_with_them(
    system: System, member: Member, way: str
) -> None:
    leaving = await system.joined(member.workspace_id, Role.ADMIN)
    body = {"name": "robot", "permissions": ["activity:read"]}
    key = (await leaving.api.post(f"{member.path}/api-keys", json=body)).json()["token"]
    api = await system.bearing(key) if way == "key" else leaving.api
    async with open_stream(api, f"{member.path}/activity/stream") as answer:
        assert (await leaving.api.post(f"{member.path}/leave")).status_code == 204
        await ended(answer)
    problem(await (await system.bearing(key)).get(f"{member.path}/activity"), 401, "unauthenticated")


async def test_a_stream_ends_when_the_key_it_is_read_with_is_revoked(system: System, member: Member) -> None:
    body = {"name": "robot", "permissions": ["activity:read"]}
    made = (await member.api.post(f"{member.path}/api-keys", json=body)).json()
    admin = await system.joined(member.workspace_id, Role.ADMIN)
    robot = await system.bearing(made["token"])
    async with open_stream(robot, f"{member.path}/activity/stream") as answer:
        assert (await admin.api.delete(f"/api/v1/api-keys/{made['key']['id']}")).status_code == 204
        await ended(answer)
