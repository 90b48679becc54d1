"""All that is known of a user, for themselves."""

import asyncio
import io
import json
from typing import Any
from zipfile import ZipFile

from domain.access import Role
from tests.http.system import Member, System, problem, secret_of
from tests.png import PNG

ME = "/api/v1/users/me"
EXPORT = f"{ME}/export"
FILES = {
    "profile.json",
    "preferences.json",
    "memberships.json",
    "sessions.json",
    "keys.json",
    "messages.jsonl",
    "memories.jsonl",
    "collections.jsonl",
    "activity.jsonl",
    "avatar.webp",
}


async def exported(member: Member) -> dict[str, Any]:
    """The state of an export that the member asks for, once it is over."""
    asked = await member.api.post(EXPORT)
    assert asked.status_code == 202, asked.text
    async with asyncio.timeout(20):
        while True:
            state: dict[str, Any] = (await member.api.get(EXPORT)).json()
            assert state["job_id"] == asked.json()["id"]
            if state["status"] != "pending":
                return state
            await asyncio.sleep(0.02)


async def archive(member: Member) -> ZipFile:
    answer = await member.api.get(f"{EXPORT}/content")
    assert answer.status_code == 200, answer.text
    return ZipFile(io.BytesIO(answer.content))


def lines(found: ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in found.read(name).splitlines()]


async def test_an_archive_holds_all_that_is_known_of_them_and_no_secret(system: System, member: Member) -> None:
    host = await system.member()
    await system.sql(
        "insert into members (workspace_id, user_id, role, joined_at) values (%s, %s, %s, now())",
        host.workspace_id,
        member.user.id,
        Role.MEMBER,
    )
    (await member.api.patch(ME, json={"bio": "Paints. Žluťoučký."})).raise_for_status()
    (await member.api.put(f"{ME}/avatar", content=PNG, headers={"Content-Type": "image/png"})).raise_for_status()
    session = await system.session(member.user)
    key = (
        await member.api.post(f"{member.path}/api-keys", json={"name": "robot", "permissions": ["service:read"]})
    ).json()
    visitor = await system.visitor(host.handle)
    conversation = f"/api/v1/conversations/{visitor.conversation_id}"
    for author, words in ((member, "By me."), (host, "By another."), (member, "By me again.")):
        (await author.api.post(f"{conversation}/messages", json={"content": words})).raise_for_status()
    goal = {"goal": {"title": "Marathon", "due": "2027-05-02"}}
    mine = {"content": "I run.", "metadata": goal}
    (await member.api.post(f"{host.path}/memories", json=mine)).raise_for_status()
    (await host.api.post(f"{host.path}/memories", json={"content": "By another.", "shared": True})).raise_for_status()
    deleted = (await member.api.post(f"{member.path}/memories", json={"content": "I ran."})).json()
    (await member.api.delete(f"/api/v1/memories/{deleted['id']}")).raise_for_status()

    (await member.api.post(f"{host.path}/collections", json={"name": "Sport"})).raise_for_status()
    (await host.api.post(f"{host.path}/collections", json={"name": "By another."})).raise_for_status()

    state = await exported(member)

    assert state["status"] == "ready"
    found = await archive(member)
    assert set(found.namelist()) == FILES
    assert found.testzip() is None
    profile = json.loads(found.read("profile.json"))
    assert (profile["email"], profile["bio"]) == (member.user.email, "Paints. Žluťoučký.")
    assert json.loads(found.read("preferences.json"))["theme"] == "system"
    places = {place["handle"]: place["role"] for place in json.loads(found.read("memberships.json"))}
    assert places == {member.handle: "owner", host.handle: "member"}
    assert len(json.loads(found.read("sessions.json"))) == 1
    assert [each["name"] for each in json.loads(found.read("keys.json"))] == ["robot"]
    assert [said["content"] for said in lines(found, "messages.jsonl")] == ["By me.", "By me again."]
    memories = lines(found, "memories.jsonl")
    assert [memory["content"] for memory in memories] == ["I run.", "I ran."]
    assert memories[0]["metadata"]["goal"]["due"] == "2027-05-02"
    assert [each["name"] for each in lines(found, "collections.jsonl")] == ["Sport"]
    done = lines(found, "activity.jsonl")
    assert {"workspace.created", "user.edited", "message.posted"} <= {event["type"] for event in done}
    assert {event["actor"]["id"] for event in done} == {str(member.user.id)}
    assert {event["workspace_id"] for event in done} == {member.workspace_id, host.workspace_id}
    assert found.read("avatar.webp")[:4] == b"RIFF"
    everything = b"".join(found.read(name) for name in found.namelist())
    for secret in (session, key["token"], member.token):
        assert secret_of(secret).encode() not in everything


async def test_an_archive_comes_as_a_file_for_its_user_alone(system: System, member: Member) -> None:
    assert (await member.api.get(EXPORT)).json()["status"] == "none"
    problem(await member.api.get(f"{EXPORT}/content"), 404, "not_found")
    state = await exported(member)
    answer = await member.api.get(f"{EXPORT}/content")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="flightdeck-export.zip"'
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) == len(answer.content) == state["size"]
    other = await system.joined(member.workspace_id, Role.ADMIN)
    problem(await other.api.get(f"{EXPORT}/content"), 404, "not_found")
    problem(await system.client.get(f"{EXPORT}/content"), 401, "unauthenticated")


async def test_the_next_archive_takes_the_place_of_the_one_before(system: System, member: Member) -> None:
    first = await exported(member)
    (await member.api.patch(ME, json={"bio": "New."})).raise_for_status()
    second = await exported(member)
    assert first["job_id"] != second["job_id"]
    assert json.loads((await archive(member)).read("profile.json"))["bio"] == "New."
    kept = await system.sql("select 1 from blobs where workspace_id = %s and status = 'kept'", member.workspace_id)
    assert kept == [(1,)]


async def test_an_archive_is_gone_after_seven_days(system: System, member: Member) -> None:
    state = await exported(member)
    ((blob_id, days),) = await system.sql(
        "update jobs set run_at = now() from (select run_at as was, payload ->> 'blob_id' as blob from jobs"
        " where type = 'remove_export') old where type = 'remove_export' and payload ->> 'blob_id' = old.blob"
        " and old.blob = (select result ->> 'blob_id' from jobs where id = %s)"
        " returning old.blob, extract(day from old.was - created_at)",
        state["job_id"],
    )
    assert days == 7
    async with asyncio.timeout(20):
        while await system.sql("select 1 from blobs where id = %s and status = 'kept'", blob_id):  # noqa: ASYNC110 (nothing of ours tells it to a test)
            await asyncio.sleep(0.02)
    problem(await member.api.get(f"{EXPORT}/content"), 404, "not_found")


async def test_an_archive_whose_time_is_over_is_not_given_even_before_it_is_removed(
    system: System, member: Member
) -> None:
    state = await exported(member)
    await system.sql(
        "update jobs set result = jsonb_set(result, '{expires_at}', '\"2026-01-01T00:00:00Z\"') where id = %s",
        state["job_id"],
    )
    assert (await member.api.get(EXPORT)).json()["status"] == "expired"
    problem(await member.api.get(f"{EXPORT}/content"), 404, "not_found")
