import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.http.system import Member, System, Visitor, pointers, problem, secret_of

START = "/api/v1/public/conversations"


async def test_fifty_equal_messages_at_once_are_one(system: System) -> None:
    visitor = await system.visitor()
    key = {"Idempotency-Key": uuid4().hex}
    answers = await asyncio.gather(*(visitor.say("Hello", headers=key) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == ["", *["true"] * 49]
    await visitor.replies()
    assert [message["role"] for message in (await visitor.messages())["items"]] == ["visitor", "assistant"]
    counted = await system.sql("select count(*) from runs where conversation_id = %s", visitor.conversation_id)
    assert counted == [(1,)]


async def test_a_repeat_gets_the_first_answer_with_its_headers(member: Member) -> None:
    path, key = f"{member.path}/services", {"Idempotency-Key": uuid4().hex}
    first = await member.api.post(path, json={"name": "Once"}, headers=key)
    again = await member.api.post(path, json={"name": "Once"}, headers=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len((await member.api.get(path)).json()["items"]) == 1


async def test_the_key_may_stand_in_the_body(system: System) -> None:
    visitor = await system.visitor()
    first = await visitor.say("Hello", idempotency_key="mine")
    again = await visitor.say("Hello", idempotency_key="mine")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    await visitor.replies()
    assert len((await visitor.messages())["items"]) == 2


async def test_another_body_under_the_key_is_a_mismatch(system: System) -> None:
    visitor, key = await system.visitor(), {"Idempotency-Key": uuid4().hex}
    assert (await visitor.say("Hello", headers=key)).status_code == 201
    problem(await visitor.say("Goodbye", headers=key), 422, "idempotency_mismatch")
    await visitor.replies()
    assert len((await visitor.messages())["items"]) == 2


@pytest.mark.parametrize("key", ["", "k" * 256, "tab\there"])
async def test_a_key_is_one_to_255_printable_characters(member: Member, key: str) -> None:
    answer = await member.api.post(f"{member.path}/services", json={"name": "a"}, headers={"Idempotency-Key": key})
    assert pointers(answer) == ["/header/Idempotency-Key"]


async def test_a_refused_request_uses_no_key_up(member: Member) -> None:
    path, key = f"{member.path}/services", {"Idempotency-Key": uuid4().hex}
    for _ in range(2):
        problem(await member.api.post(path, json={"name": ""}, headers=key), 422, "invalid")
    answer = await member.api.post(path, json={"name": "Now"}, headers=key)
    assert (answer.status_code, "idempotent-replayed" in answer.headers) == (201, False)


async def test_a_key_is_one_actors_and_one_addresss(system: System, member: Member) -> None:
    other, key = await system.member(), {"Idempotency-Key": "the same"}
    answers = [
        await member.api.post(f"{member.path}/services", json={"name": "a"}, headers=key),
        await other.api.post(f"{other.path}/services", json={"name": "a"}, headers=key),
        await member.api.post(
            f"{member.path}/connectors", json={"type": "link", "config": {"url": "https://a.example/"}}, headers=key
        ),
    ]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["id"] for answer in answers}) == 3
    foreign = await other.api.post(f"{member.path}/services", json={"name": "a"}, headers=key)
    problem(foreign, 404, "not_found")


async def test_a_key_is_not_told_what_its_user_or_another_key_of_theirs_was_answered(
    system: System, member: Member
) -> None:
    path, key = f"{member.path}/api-keys", {"Idempotency-Key": uuid4().hex}
    first = await member.api.post(path, json={"name": "till", "permissions": ["service:read"]}, headers=key)
    weak = await system.bearing(first.json()["token"])
    strong = await system.bearing(await system.session(member.user))
    answers = [
        await api.post(path, json={"name": "till", "permissions": ["service:read"]}, headers=key)
        for api in (weak, strong, strong, member.api)
    ]
    assert [answer.status_code for answer in answers] == [403, 201, 201, 201]
    tokens = [first.json()["token"], *(answer.json()["token"] for answer in answers[1:])]
    assert (tokens[0] == tokens[3], tokens[1] == tokens[2], tokens[0] == tokens[1]) == (True, True, False)
    assert first.json()["token"] not in answers[0].text


async def test_anonymous_starts_are_told_apart_by_their_address(system: System) -> None:
    body, key = {"workspace_handle": "harbour-studio"}, {"Idempotency-Key": uuid4().hex}
    first = await system.client.post(START, json=body, headers=key)
    again = await system.client.post(START, json=body, headers=key)
    assert again.content == first.content
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with httpx.AsyncClient(base_url=system.base_url, transport=elsewhere) as client:
        other = await client.post(START, json=body, headers=key)
    assert other.status_code == 201
    assert other.json()["conversation_id"] != first.json()["conversation_id"]


async def test_a_stored_answer_is_sealed(system: System) -> None:
    body, key = {"workspace_handle": "harbour-studio"}, {"Idempotency-Key": uuid4().hex}
    answers = await asyncio.gather(*(system.client.post(START, json=body, headers=key) for _ in range(5)))
    (token,) = {answer.json()["visitor_token"] for answer in answers}
    assert await system.holders_of(token) == []
    assert await system.holders_of(secret_of(token)) == []
    (row,) = await system.sql("select key from idempotency_keys where key = %s", key["Idempotency-Key"])
    assert row == (key["Idempotency-Key"],)
    visitor = Visitor(system.client, answers[0].json()["conversation_id"], token)
    assert (await visitor.messages())["items"] == []


async def test_a_key_is_free_again_after_a_day(system: System, member: Member) -> None:
    path, key = f"{member.path}/services", {"Idempotency-Key": uuid4().hex}
    first = await member.api.post(path, json={"name": "a"}, headers=key)
    await system.sql(
        "update idempotency_keys set created_at = created_at - interval '25 hours' where key = %s",
        key["Idempotency-Key"],
    )
    later = await member.api.post(path, json={"name": "b"}, headers=key)
    assert (later.status_code, later.json()["id"] != first.json()["id"]) == (201, True)


async def test_keys_mean_nothing_where_repeats_are_harmless(system: System) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    run = (await visitor.say(held.question)).json()["run"]
    await visitor.writing()
    path, headers = f"{visitor.path}/runs/{run['id']}/cancel", visitor.headers | {"Idempotency-Key": "stop"}
    assert (await system.client.post(path, headers=headers)).status_code == 202
    await visitor.replies()
    assert (await system.client.post(path, headers=headers)).status_code == 200
