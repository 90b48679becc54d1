"""People who go for good."""

import asyncio
import uuid
from typing import Any

import httpx

from domain.access import Role
from domain.ids import UserId
from tests.http.system import Member, System, pointers, problem
from tests.png import PNG

ME = "/api/v1/users/me"


async def go(member: Member, confirm: str | None = None) -> httpx.Response:
    confirmed = member.user.email if confirm is None else confirm
    return await member.api.delete(ME, params={"confirm": confirmed or ""})


async def shared(owner: Member) -> dict[str, Any]:
    """A new workspace of the owner's."""
    answer = await owner.api.post("/api/v1/workspaces", json={"name": "Club", "handle": f"club-{uuid.uuid4().hex[:8]}"})
    answer.raise_for_status()
    view: dict[str, Any] = answer.json()
    return view


async def join(system: System, workspace_id: str, member: Member, role: Role) -> None:
    await system.sql(
        "insert into members (workspace_id, user_id, role, joined_at) values (%s, %s, %s, now())",
        workspace_id,
        member.user.id,
        role,
    )


async def test_of_a_user_who_went_nothing_is_left_but_what_they_did(system: System, member: Member) -> None:
    host = await system.member()
    club = await shared(host)
    await join(system, club["id"], member, Role.MEMBER)
    name, phone = f"Zdena {uuid.uuid4().hex}", f"+420 {uuid.uuid4().hex}"
    (await member.api.patch(ME, json={"name": name, "phone": phone})).raise_for_status()
    (await member.api.put(f"{ME}/avatar", content=PNG, headers={"Content-Type": "image/png"})).raise_for_status()
    await system.sql(
        "insert into identities (issuer, subject, user_id, created_at) values ('https://issuer', %s, %s, now())",
        member.handle,
        member.user.id,
    )
    visitor = await system.visitor(club["handle"])
    conversation = f"/api/v1/conversations/{visitor.conversation_id}"
    (await member.api.post(f"{conversation}/takeover")).raise_for_status()
    (await member.api.post(f"{conversation}/messages", json={"content": "I can help."})).raise_for_status()
    canary = f"canary{uuid.uuid4().hex}"
    for workspace_id, is_shared in ((club["id"], True), (club["id"], False), (member.workspace_id, False)):
        memory = {"content": f"{canary} {is_shared}", "tags": [canary], "shared": is_shared}
        (await member.api.post(f"/api/v1/workspaces/{workspace_id}/memories", json=memory)).raise_for_status()
    assert {"memories", "memory_versions", "passages"} <= set(await system.holders_of(canary))
    email = member.user.email or ""
    assert {"users"} <= set(await system.holders_of(email))
    assert {"users", "messages", "conversations"} <= set(await system.holders_of(name))

    assert (await go(member)).status_code == 204

    for trace in (email, name, phone, canary):
        assert await system.holders_of(trace) == []
    problem(await member.api.get(ME), 401, "unauthenticated")
    ((deleted_at, version),) = await system.sql(
        "select deleted_at, version from users where id = %s and name = 'Former member'", member.user.id
    )
    assert deleted_at is not None
    assert version == 4
    messages = (await host.api.get(f"{conversation}/messages")).json()["items"]
    assert [(said["content"], said["author"]["name"]) for said in messages] == [("I can help.", "Former member")]
    assert (await host.api.get(conversation)).json()["handler"]["name"] == "Former member"
    events = (await host.api.get(f"/api/v1/workspaces/{club['id']}/activity", params={"type": "member.left"})).json()
    assert [event["actor"] for event in events["items"]] == [
        {"type": "user", "id": str(member.user.id), "name": "Former member"}
    ]
    links = await system.sql("select user_id from identities where subject = %s", member.handle)
    assert links == [(None,)]
    for table in ("credentials", "members"):
        assert await system.sql(f"select 1 from {table} where user_id = %s", member.user.id) == []  # noqa: S608 (of two)
    assert await system.sql("select 1 from workspaces where id = %s", member.workspace_id) == []
    kept = await system.sql("select 1 from blobs where workspace_id = %s and status = 'kept'", member.workspace_id)
    assert kept == []
    left = await system.sql(
        "select type from activity where workspace_id = %s and type in ('workspace.deleted', 'user.deleted')"
        " order by number",
        member.workspace_id,
    )
    assert left == [("workspace.deleted",), ("user.deleted",)]


async def test_nobody_goes_by_mistake(system: System, member: Member) -> None:
    problem(await member.api.delete(ME), 422, "invalid")
    assert pointers(await go(member, "another@example.com")) == ["/query/confirm"]
    assert (await member.api.get(ME)).status_code == 200
    await system.sql("update users set email = null, name = 'Nameless' where id = %s", member.user.id)
    assert pointers(await go(member)) == ["/query/confirm"]
    assert (await go(member, "nameless")).status_code == 204


async def test_the_last_owner_of_what_others_belong_to_hands_over_first(system: System, member: Member) -> None:
    colleague = await system.member()
    clubs = [await shared(member) for _ in range(3)]
    for club in clubs[:2]:
        await join(system, club["id"], colleague, Role.ADMIN)
    refused = problem(await go(member), 409, "last_owner")
    assert [club["handle"] in refused["detail"] for club in clubs] == [True, True, False]
    assert (await member.api.get(ME)).status_code == 200
    for club in clubs[:2]:
        given = await member.api.post(
            f"/api/v1/workspaces/{club['id']}/transfer", json={"user_id": str(colleague.user.id)}
        )
        assert given.status_code == 200, given.text
    assert (await go(member)).status_code == 204
    assert [(await colleague.api.get(f"/api/v1/workspaces/{club['id']}")).status_code for club in clubs] == [
        200,
        200,
        404,
    ]
    assert await system.sql("select 1 from workspaces where id = %s", clubs[2]["id"]) == []


async def test_where_a_user_who_was_deleted_elsewhere_owned_the_next_in_line_does(
    system: System, member: Member
) -> None:
    club = await shared(member)
    heirs = [await system.member() for _ in range(3)]
    for heir, role in zip(heirs, (Role.MEMBER, Role.ADMIN, Role.ADMIN), strict=True):
        await join(system, club["id"], heir, role)
    end_user: Any = system.container.identity().end_user()
    for _ in range(2):
        await end_user(UserId(member.user.id))
    roles = dict(await system.sql("select user_id, role from members where workspace_id = %s", club["id"]))
    assert roles == {heirs[0].user.id: "member", heirs[1].user.id: "owner", heirs[2].user.id: "admin"}
    events = (await heirs[1].api.get(f"/api/v1/workspaces/{club['id']}/activity")).json()["items"]
    assert {"member.role_changed", "member.removed"} <= {event["type"] for event in events}
    assert [event["actor"]["type"] for event in events if event["type"] == "member.removed"] == ["system"]


async def test_two_owners_who_go_at_once_do_not_both_leave_the_others_alone(system: System, member: Member) -> None:
    other, third = await system.member(), await system.member()
    club = await shared(member)
    await join(system, club["id"], other, Role.OWNER)
    await join(system, club["id"], third, Role.VIEWER)

    answers = await asyncio.gather(go(member), go(other))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    roles = [role for (role,) in await system.sql("select role from members where workspace_id = %s", club["id"])]
    assert sorted(roles) == ["owner", "viewer"]


async def test_invites_to_them_end_and_invites_by_them_stay(system: System, member: Member) -> None:
    host = await system.member()
    club = await shared(host)
    await join(system, club["id"], member, Role.ADMIN)
    second = await shared(host)
    to_them = await host.api.post(
        f"/api/v1/workspaces/{second['id']}/invites", json={"email": member.user.email, "role": "member"}
    )
    by_them = await member.api.post(
        f"/api/v1/workspaces/{club['id']}/invites", json={"email": f"{uuid.uuid4().hex}@example.com", "role": "member"}
    )
    assert (to_them.status_code, by_them.status_code) == (201, 201)
    assert (await go(member)).status_code == 204
    assert (await host.api.get(f"/api/v1/workspaces/{second['id']}/invites")).json()["items"] == []
    pending = (await host.api.get(f"/api/v1/workspaces/{club['id']}/invites")).json()["items"]
    assert [invite["id"] for invite in pending] == [by_them.json()["id"]]


async def test_whoever_alone_looks_after_the_instance_stays(system: System) -> None:
    mail = (await system.owner.get(ME)).json()["email"]
    others = await system.sql(
        "update users set administrator = false where administrator and email <> %s returning id", mail
    )
    problem(await system.owner.delete(ME, params={"confirm": mail}), 409, "last_administrator")
    for (user_id,) in others:
        await system.sql("update users set administrator = true where id = %s", user_id)
