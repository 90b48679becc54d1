"""What people remember, and who sees it."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from domain.access import Role
from tests.http.system import Member, System, pointers, problem

FIELDS = set(
    "id workspace_id owner_id tier content tags metadata source shared pinned access_count last_accessed_at expires_at "
    "superseded_by similar_to deleted_at version created_at updated_at".split()
)
JSONL = {"Content-Type": "application/jsonl"}


async def remember(member: Member, content: str, *, path: str | None = None, **fields: Any) -> dict[str, Any]:
    answer = await member.api.post(f"{path or member.path}/memories", json={"content": content, **fields})
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


def at(memory: Mapping[str, Any], rest: str = "") -> str:
    return f"/api/v1/memories/{memory['id']}{rest}"


async def contents(member: Member, path: str | None = None, **query: Any) -> list[str]:
    answer = await member.api.get(f"{path or member.path}/memories", params=query)
    assert answer.status_code == 200, answer.text
    return [memory["content"] for memory in answer.json()["items"]]


async def found(member: Member, query: str, path: str | None = None) -> list[str]:
    """The texts of the memories that a search finds."""
    body = {"query": query, "kinds": ["memory"]}
    answer = await member.api.post(f"{path or member.path}/search", json=body)
    assert answer.status_code == 200, answer.text
    return [hit["text"] for hit in answer.json()["items"]]


async def test_something_is_remembered_and_shown(member: Member) -> None:
    answer = await member.api.post(
        f"{member.path}/memories",
        json={
            "content": " Runs a marathon in May. ",
            "tier": "project",
            "tags": ["Sport", "sport"],
            "metadata": {"goal": {"title": "Marathon", "due": "2027-05-02"}, "emotion": {"label": "keen"}},
            "pinned": True,
        },
    )
    assert answer.status_code == 201
    memory = answer.json()
    assert answer.headers["location"] == at(memory)
    assert answer.headers["etag"] == '"1"'
    assert set(memory) == FIELDS
    assert (memory["content"], memory["tier"], memory["tags"]) == ("Runs a marathon in May.", "project", ["sport"])
    assert memory["metadata"] == {
        "emotion": {"label": "keen", "intensity": None, "about": None},
        "goal": {"title": "Marathon", "status": "active", "due": "2027-05-02"},
        "task": None,
    }
    assert memory["source"] == {"type": "user", "id": None}
    assert (memory["owner_id"], memory["shared"], memory["expires_at"]) == (str(member.user.id), False, None)
    assert (await member.api.get(at(memory))).json() == memory
    assert await found(member, "marathon") == ["Runs a marathon in May."]


async def test_the_same_words_are_one_memory(member: Member) -> None:
    first = await remember(member, "Likes green tea.")
    again = await member.api.post(f"{member.path}/memories", json={"content": "  likes GREEN tea "})
    assert (again.status_code, again.json()) == (200, first)
    assert "location" not in again.headers
    assert await contents(member) == ["Likes green tea."]


async def test_nearly_the_same_words_are_linked(member: Member) -> None:
    first = await remember(member, "My sister Anna lives in Lisbon with two cats.")
    await remember(member, "The office is closed on Mondays.")
    second = await remember(member, "My sister Anna lives in Lisbon with two cats now.")
    assert (first["similar_to"], second["similar_to"]) == (None, first["id"])
    assert len(await contents(member)) == 3


async def test_a_repeat_with_an_idempotency_key_is_answered_the_same(member: Member) -> None:
    headers, body = {"Idempotency-Key": uuid.uuid4().hex}, {"content": "Likes tea."}
    answers = [await member.api.post(f"{member.path}/memories", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    other = {"Idempotency-Key": uuid.uuid4().hex}
    for _ in range(2):
        assert (await member.api.post(f"{member.path}/memories", json=body, headers=other)).status_code == 200


async def test_nobody_sees_anothers_memory_whatever_they_are(system: System, member: Member) -> None:
    people = [await system.joined(member.workspace_id, role) for role in Role]
    secret = f"canary{uuid.uuid4().hex}"
    memory = await remember(member, f"The {secret} is under the mat.")
    for other in people:
        requests = [
            ("GET", at(memory), None),
            ("PATCH", at(memory), {"pinned": True}),
            ("DELETE", at(memory), None),
            ("DELETE", at(memory, "?forever=true"), None),
            ("GET", at(memory, "/history"), None),
            ("POST", at(memory, "/undo"), None),
        ]
        for method, path, body in requests:
            problem(await other.api.request(method, path, json=body), 404, "not_found")
        assert await contents(other, member.path, deleted="true", superseded="true", q=secret) == []
        assert await found(other, secret, member.path) == []
        exported = await other.api.get(f"{member.path}/memories/export")
        assert exported.text == ""
        told = (await other.api.get(f"{member.path}/activity")).text
        assert memory["id"] not in told
    assert await contents(member, q=secret) == [memory["content"]]
    own = (await member.api.get(f"{member.path}/activity")).text
    assert memory["id"] in own
    assert secret not in own


async def test_a_shared_memory_is_seen_by_all_and_changed_by_its_owner_alone(system: System, member: Member) -> None:
    colleague = await system.joined(member.workspace_id, Role.MEMBER)
    stranger = await system.member()
    memory = await remember(member, "The Wi-Fi password hangs in the kitchen.", shared=True)
    assert (await colleague.api.get(at(memory))).json() == memory
    assert await contents(colleague, member.path) == [memory["content"]]
    assert await found(colleague, "kitchen", member.path) == [memory["content"]]
    for answer in (
        await colleague.api.patch(at(memory), json={"content": "Gone."}),
        await colleague.api.delete(at(memory)),
        await colleague.api.post(at(memory, "/undo")),
        await colleague.api.get(at(memory, "/history")),
    ):
        refused = problem(answer, 403, "forbidden")
        assert "owner" in refused["detail"]
    problem(await stranger.api.get(at(memory)), 404, "not_found")
    hidden = await member.api.patch(at(memory), json={"shared": False})
    assert hidden.json()["shared"] is False
    problem(await colleague.api.get(at(memory)), 404, "not_found")
    assert await found(colleague, "kitchen", member.path) == []
    assert await found(member, "kitchen") == [memory["content"]]


async def test_a_viewer_remembers_nothing_but_sees_what_is_shared(system: System, member: Member) -> None:
    viewer = await system.joined(member.workspace_id, Role.VIEWER)
    await remember(member, "Bins go out on Fridays.", shared=True)
    assert await contents(viewer, member.path) == ["Bins go out on Fridays."]
    problem(await viewer.api.post(f"{member.path}/memories", json={"content": "x"}), 403, "forbidden")
    problem(await viewer.api.post(f"{member.path}/memories/import", content=b"", headers=JSONL), 403, "forbidden")


async def test_an_edit_changes_what_was_sent_and_what_is_found(member: Member) -> None:
    memory = await remember(member, "Drinks coffee.", tags=["food"], metadata={"task": {"title": "Buy beans"}})
    edited = await member.api.patch(
        at(memory),
        json={"content": "Drinks matcha.", "metadata": {"task": {"status": "done"}}},
        headers={"If-Match": '"1"'},
    )
    assert edited.status_code == 200, edited.text
    view = edited.json()
    assert (view["content"], view["tags"], view["version"]) == ("Drinks matcha.", ["food"], 2)
    assert view["metadata"]["task"] == {"title": "Buy beans", "status": "done", "due": None}
    problem(await member.api.patch(at(memory), json={"pinned": True}, headers={"If-Match": '"1"'}), 412, "stale")
    same = await member.api.patch(at(memory), json={"content": "Drinks matcha."})
    assert same.json() == view
    assert await found(member, "coffee or matcha") == ["Drinks matcha."]
    emptied = await member.api.patch(at(memory), json={"tags": None, "metadata": None})
    assert (emptied.json()["tags"], emptied.json()["metadata"]["task"]) == ([], None)


async def test_two_memories_never_say_the_same(member: Member) -> None:
    tea, cake = await remember(member, "Likes tea."), await remember(member, "Likes cake.")
    problem(await member.api.patch(at(cake), json={"content": "LIKES TEA"}), 409, "memory_exists")
    assert (await member.api.delete(at(tea))).status_code == 204
    assert (await member.api.patch(at(cake), json={"content": "Likes tea."})).status_code == 200
    problem(await member.api.post(at(tea, "/undo")), 409, "memory_exists")


async def test_a_deletion_can_be_undone_and_searches_follow(member: Member) -> None:
    memory = await remember(member, "Allergic to peanuts.")
    problem(await member.api.delete(at(memory), headers={"If-Match": '"7"'}), 412, "stale")
    for _ in range(2):
        assert (await member.api.delete(at(memory))).status_code == 204
    assert await contents(member) == []
    assert await contents(member, deleted="true") == ["Allergic to peanuts."]
    assert await found(member, "peanuts") == []
    gone = (await member.api.get(at(memory))).json()
    assert gone["deleted_at"] is not None
    assert gone["version"] == 2
    problem(await member.api.patch(at(memory), json={"pinned": True}), 410, "memory_deleted")
    back = await member.api.post(at(memory, "/undo"))
    assert back.status_code == 200, back.text
    assert (back.json()["deleted_at"], back.json()["version"]) == (None, 3)
    assert await contents(member) == ["Allergic to peanuts."]
    assert await found(member, "peanuts") == ["Allergic to peanuts."]


async def test_undos_go_back_through_the_changes_one_by_one(member: Member) -> None:
    memory = await remember(member, "One.")
    for content in ("Two.", "Three."):
        (await member.api.patch(at(memory), json={"content": content})).raise_for_status()
    for content in ("Two.", "One."):
        assert (await member.api.post(at(memory, "/undo"))).json()["content"] == content
    problem(await member.api.post(at(memory, "/undo")), 409, "nothing_to_undo")
    pages = [(await member.api.get(at(memory, "/history"), params={"limit": 3})).json()]
    pages.append(
        (await member.api.get(at(memory, "/history"), params={"limit": 3, "cursor": pages[0]["next_cursor"]})).json()
    )
    versions = [*pages[0]["items"], *pages[1]["items"]]
    assert [(each["number"], each["change"], each["undoes"], each["content"]) for each in versions] == [
        (5, "undone", 1, "One."),
        (4, "undone", 2, "Two."),
        (3, "edited", None, "Three."),
        (2, "edited", None, "Two."),
        (1, "added", None, "One."),
    ]


async def test_for_ever_leaves_nothing(system: System, member: Member) -> None:
    canary = f"canary{uuid.uuid4().hex}"
    memory = await remember(member, f"The {canary}.")
    (await member.api.patch(at(memory), json={"content": f"A {canary}."})).raise_for_status()
    assert {"memories", "memory_versions", "passages"} <= set(await system.holders_of(canary))
    assert (await member.api.delete(at(memory, "?forever=true"))).status_code == 204
    assert await system.holders_of(canary) == []
    problem(await member.api.get(at(memory)), 404, "not_found")
    problem(await member.api.post(at(memory, "/undo")), 404, "not_found")


async def test_after_thirty_days_a_deletion_is_final(system: System, member: Member) -> None:
    memory = await remember(member, "Old news.")
    (await member.api.delete(at(memory))).raise_for_status()
    await system.sql("update memories set deleted_at = now() - interval '30 days' where id = %s", memory["id"])
    problem(await member.api.get(at(memory)), 404, "not_found")
    problem(await member.api.post(at(memory, "/undo")), 404, "not_found")
    assert await contents(member, deleted="true") == []


async def test_what_the_clock_took_is_pinned_when_it_is_restored(system: System, member: Member) -> None:
    memory = await remember(member, "Buy milk.", tier="task")
    await system.sql(
        "update memories set created_at = now() - interval '40 days', expires_at = now() - interval '10 days'"
        " where id = %s",
        memory["id"],
    )
    await system.sql(
        "update memory_versions set memory = memory || jsonb_build_object('created_at', now() - interval '40 days')"
        " where memory_id = %s",
        memory["id"],
    )
    (await member.api.delete(at(memory))).raise_for_status()
    back = (await member.api.post(at(memory, "/undo"))).json()
    assert (back["pinned"], back["expires_at"], back["deleted_at"]) == (True, None, None)


async def test_lists_are_filtered(member: Member) -> None:
    await remember(member, "Likes tea.", tags=["drinks"])
    await remember(member, "Call the bank.", tier="task")
    await remember(member, "Ships in June.", tier="project", shared=True)
    assert await contents(member, limit=2) == ["Ships in June.", "Call the bank."]
    assert await contents(member, tier="task") == ["Call the bank."]
    assert await contents(member, tag="Drinks") == ["Likes tea."]
    assert await contents(member, shared="true") == ["Ships in June."]
    assert await contents(member, q="BANK") == ["Call the bank."]
    problem(await member.api.get(f"{member.path}/memories", params={"tier": "eternal"}), 422, "invalid")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"content": " "}, "/content"),
        ({"content": "x" * 10_001}, "/content"),
        ({"content": "x", "tier": "eternal"}, "/tier"),
        ({"content": "x", "tags": ["y"] * 21}, "/tags"),
        ({"content": "x", "tags": [""]}, "/tags"),
        ({"content": "x", "metadata": {"mood": 1}}, "/metadata/mood"),
        ({"content": "x", "metadata": {"emotion": {"intensity": 1}}}, "/metadata/emotion/label"),
        ({"content": "x", "metadata": {"emotion": {"label": "sad", "intensity": 2}}}, "/metadata/emotion/intensity"),
        ({"content": "x", "metadata": {"goal": {"status": "active"}}}, "/metadata/goal/title"),
        ({"content": "x", "metadata": {"task": {"title": "t", "due": "soon"}}}, "/metadata/task/due"),
        ({"content": "x", "metadata": {"task": {"title": "t", "status": "maybe"}}}, "/metadata/task/status"),
    ],
)
async def test_what_cannot_be_taken_is_named(member: Member, fields: dict[str, Any], pointer: str) -> None:
    assert pointers(await member.api.post(f"{member.path}/memories", json=fields)) == [pointer]


async def test_a_workspace_chooses_how_long_memories_are_kept(system: System, member: Member) -> None:
    path = f"{member.path}/retention"
    first = await member.api.get(path)
    assert first.headers["etag"] == '"1"'
    assert first.json() == {
        "workspace_id": member.workspace_id,
        "personal_days": None,
        "project_days": None,
        "task_days": 30,
        "version": 1,
    }
    task = await remember(member, "Buy milk.", tier="task")
    project = await remember(member, "Ships in June.", tier="project")
    assert task["expires_at"] is not None
    chosen = await member.api.put(path, json={"project_days": 60, "task_days": 7}, headers={"If-Match": '"1"'})
    assert chosen.status_code == 200, chosen.text
    assert (chosen.json()["task_days"], chosen.json()["version"]) == (7, 2)
    assert (await member.api.get(path)).json() == chosen.json()
    ((days,),) = await system.sql(
        "select extract(day from expires_at - created_at)::int from memories where id = %s", task["id"]
    )
    assert days == 7
    assert (await member.api.get(at(project))).json()["expires_at"] is not None
    moved = await system.sql(
        "select 1 from passages p join memories m on p.source_id = m.id and p.kind = 'memory'"
        " where m.workspace_id = %s and p.expires_at is distinct from m.expires_at",
        member.workspace_id,
    )
    assert moved == []
    problem(
        await member.api.put(path, json={"project_days": 1, "task_days": 1}, headers={"If-Match": '"1"'}), 412, "stale"
    )
    refused = await member.api.put(path, json={"project_days": 1, "task_days": None})
    assert pointers(refused) == ["/project_days", "/task_days"]
    colleague = await system.joined(member.workspace_id, Role.MEMBER)
    assert (await colleague.api.get(path)).status_code == 200
    problem(await colleague.api.put(path, json={"project_days": None, "task_days": 1}), 403, "forbidden")


async def test_what_is_exported_can_be_imported_and_is_the_same(system: System, member: Member) -> None:
    await remember(member, "Likes tea.", tags=["drinks"], metadata={"emotion": {"label": "calm", "intensity": 0.5}})
    await remember(member, "Ships in June. 🚢", tier="project", shared=True)
    await remember(member, "Buy milk.", tier="task", metadata={"task": {"title": "Milk", "due": "2027-01-02"}})
    gone = await remember(member, "Forget this.")
    (await member.api.delete(at(gone))).raise_for_status()
    exported = await member.api.get(f"{member.path}/memories/export")
    assert exported.headers["content-type"].startswith("application/jsonl")
    assert exported.headers["content-disposition"].endswith(f'filename="memories-{member.workspace_id}.jsonl"')
    lines = exported.content.splitlines()
    assert [json.loads(line)["content"] for line in lines] == ["Likes tea.", "Ships in June. 🚢", "Buy milk."]

    other = await system.member()
    imported = await _import(other, exported.content)
    assert imported.json() == {"imported": 3, "skipped": 0, "failed": 0, "errors": []}
    again = await other.api.get(f"{other.path}/memories/export")
    assert _unnamed(again) == _unnamed(exported)
    assert (await _import(other, exported.content)).json()["skipped"] == 3
    sources = (await other.api.get(f"{other.path}/memories")).json()["items"]
    assert {memory["source"]["type"] for memory in sources} == {"import"}
    assert (await found(other, "tea"))[0] == "Likes tea."
    events = (await other.api.get(f"{other.path}/activity", params={"type": "memory.imported"})).json()["items"]
    assert [event["data"]["imported"] for event in events] == [3]


async def test_what_supersedes_what_and_collections_are_exported_and_imported(system: System, member: Member) -> None:
    tea, coffee = await remember(member, "I prefer tea."), await remember(member, "I prefer coffee.")
    await system.sql("update memories set superseded_by = %s where id = %s", coffee["id"], tea["id"])
    body = {"name": "Drinks", "kind": "preferences"}
    collection = (await member.api.post(f"{member.path}/collections", json=body)).json()["id"]
    for each in (coffee, tea):
        (await member.api.put(f"/api/v1/collections/{collection}/memories/{each['id']}")).raise_for_status()
    exported = await member.api.get(f"{member.path}/memories/export")
    first, second = map(json.loads, exported.content.splitlines())
    assert (first["id"], first["superseded_by"]) == (tea["id"], coffee["id"])
    drinks = {"kind": "preferences", "name": "Drinks"}
    assert (first["collections"], second["collections"]) == ([{**drinks, "position": 1}], [{**drinks, "position": 0}])
    assert "superseded_by" not in second

    other = await system.member()
    assert (await _import(other, exported.content)).json()["imported"] == 2
    first, second = map(json.loads, (await other.api.get(f"{other.path}/memories/export")).content.splitlines())
    assert first["superseded_by"] == second["id"] != coffee["id"]
    assert (first["collections"][0]["position"], second["collections"][0]["position"]) == (1, 0)
    (summary,) = (await other.api.get(f"{other.path}/collections")).json()["items"]
    assert (summary["kind"], summary["name"], summary["memory_count"]) == ("preferences", "Drinks", 2)
    assert await contents(other) == ["I prefer coffee."]
    bad = await _import(other, b'{"content": "x", "collections": [{"name": " "}]}\n{"content": "y", "id": "z"}')
    assert [(each["line"], each["pointer"]) for each in bad.json()["errors"]] == [
        (1, "/collections/0/name"),
        (2, "/id"),
    ]


async def test_what_is_imported_is_linked_with_what_says_nearly_the_same(system: System, member: Member) -> None:
    near = await remember(member, "My sister Anna lives in Lisbon with her two cats.")
    line = json.dumps({"content": "My sister Anna lives in Lisbon with her two cats now."}).encode()
    assert (await _import(member, line)).json()["imported"] == 1
    wanted = "select 1 from memories where workspace_id = %s and similar_to = %s"
    async with asyncio.timeout(20):
        while not await system.sql(wanted, member.workspace_id, near["id"]):  # noqa: ASYNC110 (another process does it)
            await asyncio.sleep(0.05)


async def test_bad_lines_are_named_and_the_others_taken(member: Member) -> None:
    lines = [
        b'{"content": "Good."}',
        b"",
        b"{",
        b'{"content": " "}',
        b'{"content": "x", "ident": 1}',
        b'{"content": "Good!"}',
        b'{"content": "Over.", "tier": "task", "created_at": "2020-01-01T00:00:00Z"}',
        b'{"content": "Later.", "created_at": "2999-01-01T00:00:00Z"}',
        b'{"content": "Zoneless.", "created_at": "2020-01-01T00:00:00"}',
        b"\xff",
        b'{"content": "Also good.", "created_at": "2020-01-01T00:00:00Z"}\r',
    ]
    answer = (await _import(member, b"\n".join(lines))).json()
    assert (answer["imported"], answer["skipped"], answer["failed"]) == (2, 1, 7)
    assert [(error["line"], error["pointer"], error["code"]) for error in answer["errors"]] == [
        (3, "", "bad_json"),
        (4, "/content", "too_short"),
        (5, "/ident", "unknown_field"),
        (7, "/created_at", "expired"),
        (8, "/created_at", "in_the_future"),
        (9, "/created_at", "invalid"),
        (10, "", "bad_json"),
    ]
    assert await contents(member) == ["Good.", "Also good."]


async def test_a_file_has_its_bounds(member: Member) -> None:
    problem(await _import(member, b"{}\n" * 5_001), 422, "invalid")
    problem(await _import(member, b" " * (5 * 1024 * 1024 + 1)), 413, "too_large")
    answer = await member.api.post(f"{member.path}/memories/import", json={"content": "x"})
    problem(answer, 415, "unsupported_media_type")
    assert (await _import(member, b"")).json() == {"imported": 0, "skipped": 0, "failed": 0, "errors": []}


async def _import(member: Member, content: bytes) -> httpx.Response:
    return await member.api.post(f"{member.path}/memories/import", content=content, headers=JSONL)


def _unnamed(exported: httpx.Response) -> list[dict[str, Any]]:
    """The lines without their ids, which are the others' in each workspace."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in exported.content.splitlines()]
    return [{name: value for name, value in line.items() if name != "id"} for line in lines]
