"""What is left of memories when they go: nothing that anybody finds."""

import asyncio
import uuid

from domain.access import Role
from tests.http.system import Member, System, problem
from tests.http.test_memories import at, found, remember


async def test_what_is_deleted_forever_is_in_no_answer_kept_for_repeats(system: System, member: Member) -> None:
    keys = [{"Idempotency-Key": uuid.uuid4().hex} for _ in range(2)]
    body = {"content": "My PIN is 1234."}
    memory = (await member.api.post(f"{member.path}/memories", json=body, headers=keys[0])).json()
    (await member.api.patch(at(memory), json={"pinned": True})).raise_for_status()
    (await member.api.post(at(memory, "/undo"), headers=keys[1])).raise_for_status()
    kept = "select count(*) from idempotency_keys where key = any(%s)"
    names = [key["Idempotency-Key"] for key in keys]
    assert await system.sql(kept, names) == [(2,)]

    assert (await member.api.delete(at(memory, "?forever=true"))).status_code == 204

    assert await system.sql(kept, names) == [(0,)]
    again = await member.api.post(f"{member.path}/memories", json=body, headers=keys[0])
    assert (again.status_code, again.json()["id"] == memory["id"]) == (201, False)


async def test_who_may_only_look_by_now_deletes_what_they_remember(system: System, member: Member) -> None:
    guest = await system.joined(member.workspace_id, Role.MEMBER)
    memory = await remember(guest, "I live in Brno.", path=member.path)
    await system.sql(
        "update members set role = 'viewer' where workspace_id = %s and user_id = %s",
        member.workspace_id,
        guest.user.id,
    )
    themselves = await system.bearing(await system.session(guest.user))
    for refused in (themselves.patch(at(memory), json={"pinned": True}), guest.api.delete(at(memory))):
        problem(await refused, 403, "forbidden")
    assert (await themselves.delete(at(memory))).status_code == 204
    assert await found(guest, "Brno", member.path) == []


async def test_an_admin_takes_what_another_shares_from_everybody_else(system: System, member: Member) -> None:
    guest, admin = [await system.joined(member.workspace_id, role) for role in (Role.MEMBER, Role.ADMIN)]
    memory = await remember(guest, "Max lives in Brno.", path=member.path, shared=True)
    assert await found(member, "Brno") == ["Max lives in Brno."]

    problem(await admin.api.patch(at(memory), json={"content": "Max lives in Rome."}), 403, "forbidden")
    problem(await admin.api.delete(at(memory, "?forever=true")), 403, "forbidden")
    answer = await admin.api.patch(at(memory), json={"shared": False})

    assert (answer.status_code, answer.json()["shared"]) == (200, False)
    assert await found(member, "Brno") == []
    assert await found(guest, "Brno", member.path) == ["Max lives in Brno."]
    problem(await admin.api.delete(at(memory)), 404, "not_found")


async def test_what_a_removed_member_has_shared_is_found_by_nobody_else(system: System, member: Member) -> None:
    guest = await system.joined(member.workspace_id, Role.MEMBER)
    await remember(guest, "Max lives in Brno.", path=member.path, shared=True)
    assert await found(member, "Brno") == ["Max lives in Brno."]

    (await member.api.delete(f"{member.path}/members/{guest.user.id}")).raise_for_status()

    assert await found(member, "Brno") == []


async def test_nothing_is_left_of_what_is_added_while_its_owner_is_deleted(system: System, member: Member) -> None:
    guest = await system.joined(member.workspace_id, Role.MEMBER)
    end_user = system.container.identity().end_user()
    bodies = [{"content": f"Note {number}.", "shared": True} for number in range(8)]
    posts = [guest.api.post(f"{member.path}/memories", json=body) for body in bodies]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in posts]
        group.create_task(end_user(guest.user.id))
    answers = [task.result() for task in tasks]

    assert {answer.status_code for answer in answers} <= {201, 401, 404}
    for table in ("memories", "passages"):
        assert await system.sql(f"select count(*) from {table} where owner_id = %s", guest.user.id) == [(0,)]  # noqa: S608


async def test_an_owner_is_not_told_when_another_talks_to_their_memory(system: System, member: Member) -> None:
    guest = await system.joined(member.workspace_id, Role.MEMBER)
    await remember(guest, "I live in Brno.", path=member.path)
    answer = await member.api.get(f"{member.path}/activity/export", params={"type": "memory", "format": "csv"})
    assert "memory.added" in answer.text
    assert str(guest.user.id) not in answer.text
    jobs = (await member.api.get(f"{member.path}/jobs")).json()["items"]
    assert "rebuild_profile" not in {job["type"] for job in jobs}
