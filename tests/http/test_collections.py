"""Collections of memories, over HTTP."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.access import Role
from tests.http.system import Member, System, pointers, problem

API = "/api/v1"


async def created(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def a_collection(member: Member, path: str | None = None, **fields: Any) -> str:
    """The path of a new collection."""
    answer = await member.api.post(f"{path or member.path}/collections", json={"name": uuid4().hex, **fields})
    return f"{API}/collections/{(await created(answer))['id']}"


async def a_memory(member: Member, path: str | None = None, **fields: Any) -> str:
    """The id of a new memory."""
    sent = {"content": f"Note {uuid4().hex}", **fields}
    return str((await created(await member.api.post(f"{path or member.path}/memories", json=sent)))["id"])


async def held(member: Member, collection: str) -> list[str]:
    answer = await member.api.get(collection)
    assert answer.status_code == 200, answer.text
    ids: list[str] = answer.json()["memory_ids"]
    return ids


async def test_a_collection_is_made_read_changed_and_removed(member: Member) -> None:
    sent = {"name": "Tea", "kind": "preferences", "description": "What to drink."}
    answer = await member.api.post(f"{member.path}/collections", json=sent)
    view = await created(answer)
    address = answer.headers["location"]
    assert address == f"{API}/collections/{view['id']}"
    assert {name: view[name] for name in sent} == sent
    assert (view["owner_id"], view["workspace_id"]) == (str(member.user.id), member.workspace_id)
    assert view["memory_ids"] == []
    read = await member.api.get(address)
    assert (read.json(), read.headers["etag"]) == (view, answer.headers["etag"])
    changed = (await member.api.patch(address, json={"description": None, "kind": "goal"})).json()
    assert (changed["description"], changed["kind"], changed["name"]) == ("", "goal", "Tea")
    problem(await member.api.delete(address, headers={"If-Match": answer.headers["etag"]}), 412, "stale")
    removed = await member.api.delete(address)
    assert (removed.status_code, removed.content) == (204, b"")
    problem(await member.api.get(address), 404, "not_found")
    problem(await member.api.delete(address), 404, "not_found")


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "n" * 201}, "/name"),
        ({"name": "a", "kind": "wishes"}, "/kind"),
        ({"name": "a", "description": "d" * 2_001}, "/description"),
        ({"name": "a", "memory_ids": []}, "/memory_ids"),
    ],
    ids=["no name", "empty name", "long name", "unknown kind", "long description", "unknown field"],
)
async def test_a_field_of_a_collection_that_cannot_be_taken_is_named(
    member: Member, sent: dict[str, object], pointer: str
) -> None:
    assert pointers(await member.api.post(f"{member.path}/collections", json=sent)) == [pointer]


async def test_each_name_is_that_of_one_collection_however_many_ask_at_once(member: Member) -> None:
    posts = (member.api.post(f"{member.path}/collections", json={"name": "Tea"}) for _ in range(4))
    answers = await asyncio.gather(*posts)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    problem(next(answer for answer in answers if answer.status_code == 409), 409, "collection_exists")
    other = await a_collection(member)
    problem(await member.api.patch(other, json={"name": "Tea"}), 409, "collection_exists")


async def test_memories_are_put_into_it_sorted_and_taken_out(member: Member) -> None:
    collection = await a_collection(member)
    first, second, third = [await a_memory(member) for _ in range(3)]
    for memory_id in (first, second, third):
        assert (await member.api.put(f"{collection}/memories/{memory_id}")).status_code == 200
    answer = await member.api.put(f"{collection}/memories/{first}")
    assert (answer.json()["memory_ids"], answer.headers["etag"]) == ([first, second, third], '"4"')
    order = await member.api.put(
        f"{collection}/order", json={"ids": [third, first, second]}, headers={"If-Match": '"4"'}
    )
    assert order.json()["memory_ids"] == [third, first, second] == await held(member, collection)
    stale = await member.api.put(f"{collection}/order", json={"ids": [first]}, headers={"If-Match": '"4"'})
    problem(stale, 412, "stale")
    for ids in ([], [first, second], [first, second, second], [first, second, str(uuid4())]):
        assert pointers(await member.api.put(f"{collection}/order", json={"ids": ids})) == ["/ids"]
    taken = await member.api.delete(f"{collection}/memories/{first}")
    assert (taken.status_code, await held(member, collection)) == (204, [third, second])
    problem(await member.api.delete(f"{collection}/memories/{first}"), 404, "not_found")
    assert (await member.api.get(f"{API}/memories/{first}")).status_code == 200


async def test_a_deleted_memory_leaves_it_and_comes_back_with_the_undo(member: Member) -> None:
    collection = await a_collection(member)
    first, second = [await a_memory(member) for _ in range(2)]
    for memory_id in (first, second):
        await member.api.put(f"{collection}/memories/{memory_id}")
    (await member.api.delete(f"{API}/memories/{first}")).raise_for_status()
    assert await held(member, collection) == [second]
    problem(await member.api.put(f"{collection}/memories/{first}"), 410, "memory_deleted")
    (await member.api.post(f"{API}/memories/{first}/undo")).raise_for_status()
    assert await held(member, collection) == [first, second]
    (await member.api.delete(f"{API}/memories/{first}", params={"forever": True})).raise_for_status()
    assert await held(member, collection) == [second]


async def test_collections_are_listed_newest_first_page_by_page(member: Member) -> None:
    collections = [await a_collection(member) for _ in range(5)]
    await member.api.put(f"{collections[0]}/memories/{await a_memory(member)}")
    listed: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2}
    while query.get("cursor", "first"):
        page = (await member.api.get(f"{member.path}/collections", params=query)).json()
        listed += page["items"]
        query["cursor"] = page["next_cursor"]
    assert [f"{API}/collections/{each['id']}" for each in listed] == collections[::-1]
    assert [each["memory_count"] for each in listed] == [0, 0, 0, 0, 1]
    assert "memory_ids" not in listed[0]


async def test_two_members_of_a_workspace_know_nothing_of_each_others_collections(
    system: System, member: Member
) -> None:
    admin = await system.joined(member.workspace_id, Role.ADMIN)
    mine = await a_collection(member, name="Tea")
    theirs = await a_collection(admin, member.path, name="Tea")
    shared = await a_memory(member, shared=True)
    for asked in (
        admin.api.get(mine),
        admin.api.patch(mine, json={"name": "Coffee"}),
        admin.api.delete(mine),
        admin.api.put(f"{mine}/memories/{shared}"),
        admin.api.delete(f"{mine}/memories/{shared}"),
        admin.api.put(f"{mine}/order", json={"ids": []}),
    ):
        problem(await asked, 404, "not_found")
    problem(await admin.api.put(f"{theirs}/memories/{shared}"), 403, "forbidden")
    problem(await admin.api.put(f"{theirs}/memories/{await a_memory(member)}"), 404, "not_found")
    listed = (await admin.api.get(f"{member.path}/collections")).json()["items"]
    assert [f"{API}/collections/{each['id']}" for each in listed] == [theirs]
    told = (await admin.api.get(f"{member.path}/activity", params={"type": "collection", "limit": 100})).json()
    assert {event["actor"]["id"] for event in told["items"]} == {str(admin.user.id)}


async def test_a_memory_of_another_workspace_cannot_be_put_into_it(system: System, member: Member) -> None:
    elsewhere = await system.joined(member.workspace_id, Role.MEMBER)
    collection = await a_collection(elsewhere, member.path)
    memory_id = await a_memory(elsewhere)  # in their own workspace
    problem(await elsewhere.api.put(f"{collection}/memories/{memory_id}"), 404, "not_found")


async def test_a_repeated_request_makes_one_collection(member: Member) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    posts = [
        await member.api.post(f"{member.path}/collections", json={"name": "Tea"}, headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in posts] == [201, 201]
    assert posts[0].json() == posts[1].json()


async def test_many_memories_put_in_at_once_are_all_there(member: Member) -> None:
    collection = await a_collection(member)
    memories = [await a_memory(member) for _ in range(8)]
    answers = await asyncio.gather(*(member.api.put(f"{collection}/memories/{each}") for each in memories))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(await held(member, collection)) == sorted(memories)
