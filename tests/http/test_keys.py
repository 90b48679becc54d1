"""What a machine may do with a key, and for how long."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.access import Role
from tests.http.system import Member, System, pointers, problem, secret_of


async def made(maker: Member, path: str, *permissions: str, **more: Any) -> dict[str, Any]:
    """A new key of the workspace at `path`, with its token."""
    body = {"name": "till", "permissions": permissions or ["service:read"], **more}
    answer = await maker.api.post(f"{path}/api-keys", json=body)
    assert answer.status_code == 201, answer.text
    issued: dict[str, Any] = answer.json()
    return issued


async def keys(member: Member) -> list[dict[str, Any]]:
    answer = await member.api.get(f"{member.path}/api-keys")
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def set_role(owner: Member, member: Member, role: Role) -> None:
    (await owner.api.patch(f"{owner.path}/members/{member.user.id}", json={"role": role})).raise_for_status()


async def test_a_key_opens_what_it_was_given_and_nothing_else(system: System, member: Member) -> None:
    issued, other = await made(member, member.path), await system.member()
    robot = await system.bearing(issued["token"])

    assert (await robot.get(f"{member.path}/services")).status_code == 200
    refused: list[tuple[str, httpx.Response]] = [
        ("service:write", await robot.post(f"{member.path}/services", json={"name": "Portrait"})),
        ("connector:read", await robot.get(f"{member.path}/connectors")),
        ("workspace:read", await robot.get(member.path)),
        ("key:write", await robot.post(f"{member.path}/api-keys", json={"name": "n", "permissions": ["service:read"]})),
        ("key:write", await robot.delete(f"/api/v1/api-keys/{issued['key']['id']}")),
    ]
    for permission, answer in refused:
        assert problem(answer, 403, "forbidden")["detail"] == f"This key lacks the permission '{permission}'."
    problem(await robot.get(f"{other.path}/services"), 404, "not_found")
    for path in ("users/me", "workspaces/me", "users/me/preferences", "instance/users"):
        problem(await robot.get(f"/api/v1/{path}"), 403, "forbidden")


async def test_its_token_is_shown_once_and_its_use_is_noted(system: System, member: Member) -> None:
    issued = await made(member, member.path, "service:read", "job:read", "service:read")
    key = issued["key"]
    assert issued["token"].startswith(f"fd_key_{key['id'].replace('-', '')}_")
    assert (key["name"], key["permissions"]) == ("till", ["job:read", "service:read"])
    assert (key["user"]["id"], key["expires_at"], key["last_used_at"]) == (str(member.user.id), None, None)
    assert key in await keys(member)

    (await (await system.bearing(issued["token"])).get(f"{member.path}/services")).raise_for_status()
    answer = await member.api.get(f"{member.path}/api-keys")
    (used,) = [each for each in answer.json()["items"] if each["id"] == key["id"]]
    assert datetime.fromisoformat(used["last_used_at"]) >= datetime.fromisoformat(key["created_at"])
    assert secret_of(issued["token"]) not in answer.text
    assert await system.holders_of(secret_of(issued["token"])) == []


async def test_what_cannot_be_a_key_is_named(system: System, member: Member) -> None:
    past = (system.container.ports.clock().now() - timedelta(seconds=1)).isoformat()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"permissions": []}, "/permissions"),
        ({"permissions": ["account:read"]}, "/permissions"),
        ({"permissions": ["instance:write"]}, "/permissions"),
        ({"permissions": ["service:fly"]}, "/permissions/0"),
        ({"name": ""}, "/name"),
        ({"expires_at": past}, "/expires_at"),
    ]
    for body, pointer in wrong:
        whole = {"name": "till", "permissions": ["service:read"]} | body
        assert pointers(await member.api.post(f"{member.path}/api-keys", json=whole)) == [pointer]


async def test_nobody_gives_a_key_more_than_they_have(system: System, member: Member) -> None:
    admin = await system.joined(member.workspace_id, Role.ADMIN)
    body = {"name": "till", "permissions": ["service:read", "audit:read"]}
    answer = await admin.api.post(f"{member.path}/api-keys", json=body)
    assert problem(answer, 403, "forbidden")["detail"] == "Your role 'admin' lacks the permission 'audit:read'."

    maker = await system.bearing((await made(admin, member.path, "key:write", "service:read"))["token"])
    answer = await maker.post(f"{member.path}/api-keys", json={"name": "n", "permissions": ["service:write"]})
    assert "'service:write'" in problem(answer, 403, "forbidden")["detail"]


async def test_a_revoked_key_is_refused_at_once(system: System, member: Member) -> None:
    issued = await made(member, member.path)
    robot, path = await system.bearing(issued["token"]), f"/api/v1/api-keys/{issued['key']['id']}"
    (await robot.get(f"{member.path}/services")).raise_for_status()

    problem(await (await system.member()).api.delete(path), 404, "not_found")
    assert [(await member.api.delete(path)).status_code for _ in range(2)] == [204, 204]
    problem(await robot.get(f"{member.path}/services"), 401, "unauthenticated")
    assert issued["key"]["id"] not in [key["id"] for key in await keys(member)]
    told = (await member.api.get(f"{member.path}/activity")).json()["items"]
    about = [event for event in told if event["subject"]["id"] == issued["key"]["id"]]
    assert [(event["type"], event["data"]["name"]) for event in about] == [
        ("key.revoked", "till"),
        ("key.issued", "till"),
    ]


async def test_an_expired_key_is_refused(system: System, member: Member) -> None:
    later = system.container.ports.clock().now() + timedelta(hours=1)
    issued = await made(member, member.path, expires_at=later.isoformat())
    robot = await system.bearing(issued["token"])
    assert datetime.fromisoformat(issued["key"]["expires_at"]) == later
    (await robot.get(f"{member.path}/services")).raise_for_status()

    await system.sql("update credentials set expires_at = now() where id = %s", issued["key"]["id"])
    problem(await robot.get(f"{member.path}/services"), 401, "unauthenticated")
    assert issued["key"]["id"] not in [key["id"] for key in await keys(member)]


async def test_a_key_loses_what_its_maker_loses(system: System, member: Member) -> None:
    admin = await system.joined(member.workspace_id, Role.ADMIN)
    robot = await system.bearing((await made(admin, member.path, "service:read", "service:write"))["token"])
    service = {"name": "Portrait"}
    assert (await robot.post(f"{member.path}/services", json=service)).status_code == 201

    await set_role(member, admin, Role.VIEWER)
    answer = await robot.post(f"{member.path}/services", json=service)
    assert problem(answer, 403, "forbidden")["detail"] == "Your role 'viewer' lacks the permission 'service:write'."
    assert (await robot.get(f"{member.path}/services")).status_code == 200


@pytest.mark.parametrize("how", ["removed", "left"])
async def test_a_key_of_who_has_gone_is_revoked(system: System, member: Member, how: str) -> None:
    admin = await system.joined(member.workspace_id, Role.ADMIN)
    issued = await made(admin, member.path)
    robot = await system.bearing(issued["token"])
    (await robot.get(f"{member.path}/services")).raise_for_status()

    if how == "removed":
        (await member.api.delete(f"{member.path}/members/{admin.user.id}")).raise_for_status()
    else:
        (await admin.api.post(f"{member.path}/leave")).raise_for_status()
    problem(await robot.get(f"{member.path}/services"), 401, "unauthenticated")
    assert issued["key"]["id"] not in [key["id"] for key in await keys(member)]
    problem(await admin.api.get(f"{member.path}/services"), 404, "not_found")


async def test_a_key_whose_maker_does_not_belong_there_finds_nothing(system: System, member: Member) -> None:
    admin = await system.joined(member.workspace_id, Role.ADMIN)
    robot = await system.bearing((await made(admin, member.path))["token"])
    gone = "delete from members where workspace_id = %s and user_id = %s"
    await system.sql(gone, member.workspace_id, admin.user.id)
    problem(await robot.get(f"{member.path}/services"), 404, "not_found")


async def test_neither_a_session_nor_a_key_of_all_workspaces_is_one_of_the_workspaces_keys(
    system: System, member: Member
) -> None:
    await system.session(member.user)
    everywhere = member.token.split("_")[2]
    assert await keys(member) == []
    for identifier in (everywhere, str(uuid4())):
        problem(await member.api.delete(f"/api/v1/api-keys/{identifier}"), 404, "not_found")
    assert (await member.api.get(member.path)).status_code == 200
