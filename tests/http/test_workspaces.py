import asyncio
import json

import pytest

from domain.workspaces import KNOWLEDGE_BASE_BYTES, RESERVED_HANDLES
from tests.http.system import OTHER_MODEL, Member, System, pointers, problem

FIELDS = set(
    "id handle name personal business_type tone timezone language public_name subtitle description active "
    "embed_origins assistant limits retention savings knowledge_base image_url version created_at updated_at".split()
)


async def test_ten_first_calls_at_once_make_one_personal_workspace(system: System) -> None:
    user, api = await system.newcomer()
    answers = await asyncio.gather(*(api.get("/api/v1/workspaces/me") for _ in range(10)))
    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.content for answer in answers}) == 1
    assert await system.sql("select count(*) from workspaces where owner_id = %s", user.id) == [(1,)]
    assert answers[0].json()["personal"] is True
    assert answers[0].json()["handle"] == (user.email or "").partition("@")[0]


async def test_a_workspace_has_the_fields_of_the_contract(member: Member) -> None:
    answer = await member.api.get(member.path)
    workspace = answer.json()
    assert set(workspace) == FIELDS
    assert set(workspace["assistant"]) >= {"instructions", "greeting", "suggested_questions"}
    assert workspace["created_at"].endswith("Z")
    assert answer.json() == (await member.api.get("/api/v1/workspaces/me")).json()


async def test_a_patch_changes_what_it_names_and_leaves_the_rest(member: Member) -> None:
    before = (await member.api.get(member.path)).json()
    sent = {
        "name": "Atelier",
        "business_type": "business",
        "tone": "formal",
        "timezone": "Asia/Kathmandu",
        "language": "pt-BR",
        "subtitle": "By the sea",
        "active": False,
        "embed_origins": ["https://one.example", "https://one.example/"],
    }
    changed = await member.api.patch(member.path, json=sent)
    assert changed.status_code == 200
    expected = before | sent | {"embed_origins": ["https://one.example"], "version": before["version"] + 1}
    assert changed.json() == expected | {"updated_at": changed.json()["updated_at"]}
    assert changed.json()["updated_at"] > before["updated_at"]
    assert (await member.api.get(member.path)).json() == changed.json()


async def test_a_model_that_is_not_configured_is_refused_with_those_that_are(member: Member) -> None:
    answer = await member.api.patch(member.path, json={"assistant": {"model": "openai:unheard-of"}})
    assert pointers(answer) == ["/assistant/model"]
    (fault,) = answer.json()["errors"]
    assert (fault["code"], OTHER_MODEL in fault["detail"]) == ("unknown_model", True)


async def test_a_nested_patch_merges_and_null_clears(member: Member) -> None:
    full = {"instructions": "Be brief.", "greeting": "Good day.", "suggested_questions": ["Why?"], "model": OTHER_MODEL}
    await member.api.patch(
        member.path, json={"assistant": full, "limits": {"tokens_per_day": 5}, "description": "Long ago"}
    )
    merged = (await member.api.patch(member.path, json={"assistant": {"greeting": "Hi."}})).json()
    assert merged["assistant"] == full | {"greeting": "Hi."}
    cleared = await member.api.patch(
        member.path,
        json={
            "assistant": {"instructions": None, "suggested_questions": None, "model": None, "greeting": None},
            "limits": {"tokens_per_day": None},
            "description": None,
        },
    )
    workspace = cleared.json()
    assert workspace["assistant"]["instructions"] == ""
    assert workspace["assistant"]["suggested_questions"] == []
    assert workspace["assistant"]["greeting"]
    assert workspace["limits"] == {
        "tokens_per_day": None,
        "tokens_per_conversation": 500_000,
        "tokens_per_visitor": 1_000_000,
    }
    assert workspace["description"] == ""


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"handle": "Not A Handle"}, "/handle"),
        ({"handle": "-a-b"}, "/handle"),
        ({"handle": "a--b"}, "/handle"),
        ({"handle": "ab"}, "/handle"),
        ({"handle": "a" * 64}, "/handle"),
        ({"handle": None}, "/handle"),
        ({"name": " "}, "/name"),
        ({"name": "n" * 201}, "/name"),
        ({"name": 1}, "/name"),
        ({"business_type": "cooperative"}, "/business_type"),
        ({"tone": "rude"}, "/tone"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"timezone": "europe/prague"}, "/timezone"),
        ({"timezone": ""}, "/timezone"),
        ({"language": "english!"}, "/language"),
        ({"public_name": "n" * 201}, "/public_name"),
        ({"subtitle": "n" * 301}, "/subtitle"),
        ({"description": "n" * 5001}, "/description"),
        ({"description": "a\x00b"}, "/description"),
        ({"active": "yes"}, "/active"),
        ({"active": None}, "/active"),
        ({"embed_origins": ["ftp://files.example"]}, "/embed_origins"),
        ({"embed_origins": ["https://one.example/path"]}, "/embed_origins"),
        ({"embed_origins": "https://one.example"}, "/embed_origins"),
        ({"assistant": {"instructions": "n" * 20_001}}, "/assistant/instructions"),
        ({"assistant": {"greeting": "n" * 1_001}}, "/assistant/greeting"),
        ({"assistant": {"suggested_questions": ["q"] * 11}}, "/assistant/suggested_questions"),
        ({"assistant": {"suggested_questions": [1]}}, "/assistant/suggested_questions/0"),
        ({"assistant": {"voice": "deep"}}, "/assistant/voice"),
        ({"limits": {"tokens_per_day": -1}}, "/limits/tokens_per_day"),
        ({"limits": {"tokens_per_day": "many"}}, "/limits/tokens_per_day"),
        ({"version": 9}, "/version"),
        ({"id": "x"}, "/id"),
        ({"personal": False}, "/personal"),
    ],
)
async def test_a_field_that_cannot_be_taken_is_named(member: Member, sent: dict[str, object], pointer: str) -> None:
    before = await member.api.get(member.path)
    assert pointers(await member.api.patch(member.path, json=sent)) == [pointer]
    assert (await member.api.get(member.path)).content == before.content


async def test_several_faults_are_named_at_once(member: Member) -> None:
    sent = {"timezone": "Nowhere", "language": "?", "assistant": {"greeting": "g" * 1_001}}
    assert set(pointers(await member.api.patch(member.path, json=sent))) == {
        "/timezone",
        "/language",
        "/assistant/greeting",
    }


async def test_reserved_handles_are_refused(member: Member) -> None:
    answers = await asyncio.gather(
        *(member.api.patch(member.path, json={"handle": word}) for word in sorted(RESERVED_HANDLES) if len(word) > 2)
    )
    assert {answer.json()["errors"][0]["code"] for answer in answers} == {"reserved_handle"}
    assert {answer.status_code for answer in answers} == {422}


async def test_a_taken_handle_is_a_conflict(system: System, member: Member) -> None:
    problem(await member.api.patch(member.path, json={"handle": "harbour-studio"}), 409, "handle_taken")
    assert (await member.api.patch(member.path, json={"handle": member.handle})).status_code == 200
    assert (await system.client.get("/api/v1/public/workspaces/harbour-studio")).status_code == 200


async def test_a_new_handle_is_the_public_address_from_now_on(system: System, member: Member) -> None:
    handle = f"new-{member.handle}"
    assert (await member.api.patch(member.path, json={"handle": handle})).status_code == 200
    problem(await system.client.get(f"/api/v1/public/workspaces/{member.handle}"), 404, "not_found")
    assert (await system.client.get(f"/api/v1/public/workspaces/{handle}")).json()["handle"] == handle


async def test_the_knowledge_base_holds_a_megabyte_and_no_more(member: Member) -> None:
    line = "Každý řádek je jiný a má smysl.\n\n"
    whole = (line * (KNOWLEDGE_BASE_BYTES // len(line.encode()) + 1)).encode()[: KNOWLEDGE_BASE_BYTES - 1]
    most = whole.decode(errors="ignore").rstrip()
    taken = await member.api.patch(member.path, json={"knowledge_base": most})
    assert taken.status_code == 200
    assert taken.json()["knowledge_base"] == most
    more = "x" * (KNOWLEDGE_BASE_BYTES + 1)
    assert pointers(await member.api.patch(member.path, json={"knowledge_base": more})) == ["/knowledge_base"]
    await _forget_knowledge(member)
    larger = await member.api.patch(member.path, json={"knowledge_base": "x" * 7_000_000})
    problem(larger, 413, "too_large")


async def test_a_megabyte_of_knowledge_may_come_escaped(system: System, member: Member) -> None:
    line = "Консультация стоит тысячу рублей.\n"
    most = (line * (KNOWLEDGE_BASE_BYTES // len(line.encode()))).rstrip()
    body = json.dumps({"knowledge_base": most}, ensure_ascii=True)
    assert len(body) > system.settings.max_body_bytes
    taken = await member.api.patch(member.path, content=body, headers={"Content-Type": "application/json"})
    assert taken.status_code == 200
    assert taken.json()["knowledge_base"] == most
    await _forget_knowledge(member)


async def test_what_was_read_can_be_named_as_the_version_to_change(member: Member) -> None:
    read = await member.api.get(member.path)
    etag = read.headers["etag"]
    assert etag == f'"{read.json()["version"]}"'
    assert (await member.api.get(member.path, headers={"If-None-Match": etag})).status_code == 304
    first = await member.api.patch(member.path, json={"name": "First"}, headers={"If-Match": etag})
    assert (first.status_code, first.headers["etag"]) == (200, f'"{read.json()["version"] + 1}"')
    second = await member.api.patch(member.path, json={"name": "Second"}, headers={"If-Match": etag})
    problem(second, 412, "stale")
    assert (await member.api.get(member.path)).json()["name"] == "First"
    assert (await member.api.get(member.path, headers={"If-None-Match": etag})).status_code == 200
    any_version = await member.api.patch(member.path, json={"name": "Third"}, headers={"If-Match": "*"})
    assert any_version.status_code == 200


async def test_of_edits_at_once_each_is_kept_or_told_that_it_was_not(member: Member) -> None:
    before = (await member.api.get(member.path)).json()["version"]
    edits = await asyncio.gather(*(member.api.patch(member.path, json={"name": f"Edit {n}"}) for n in range(8)))
    kept = [edit for edit in edits if edit.status_code == 200]
    lost = [edit for edit in edits if edit.status_code != 200]
    assert kept
    assert {edit.json()["code"] for edit in lost} <= {"edit_conflict"}
    assert (await member.api.get(member.path)).json()["version"] == before + len(kept)


async def test_visitors_see_the_public_side_of_an_active_workspace(system: System, member: Member) -> None:
    await member.api.patch(member.path, json={"name": "Atelier", "assistant": {"greeting": "Ahoy."}})
    await member.api.post(f"{member.path}/services", json={"name": "Seen"})
    await member.api.post(f"{member.path}/services", json={"name": "Hidden", "active": False})
    address = f"/api/v1/public/workspaces/{member.handle}"
    seen = (await system.client.get(address)).json()
    assert set(seen) == set(
        "handle public_name subtitle description timezone greeting suggested_questions image_url services".split()
    )
    assert (seen["public_name"], seen["greeting"]) == ("Atelier", "Ahoy.")
    assert [service["name"] for service in seen["services"]] == ["Seen"]
    await member.api.patch(member.path, json={"active": False})
    problem(await system.client.get(address), 404, "not_found")
    answer = await system.client.post("/api/v1/public/conversations", json={"workspace_handle": member.handle})
    problem(answer, 404, "not_found")


async def test_an_inactive_workspace_takes_no_more_messages(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("Hello")
    await member.api.patch(member.path, json={"active": False})
    problem(await visitor.say("Are you there?"), 404, "not_found")
    await member.api.patch(member.path, json={"active": True})
    assert (await visitor.say("Are you there?")).status_code == 201
    await visitor.replies()


async def _forget_knowledge(member: Member) -> None:
    """Leaves nothing to embed, which would keep the instance that all tests share busy."""
    (await member.api.patch(member.path, json={"knowledge_base": ""})).raise_for_status()
