import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from entrypoints.supervisor.embedded import Urls
from tests.http.system import Member, System, pointers, problem, settings_for, started

MESSAGE = {"thread_id": "420123", "message_id": "m-1", "text": "Do you have parking?"}


async def bring(member: Member, channel: str = "whatsapp", **changes: Any) -> httpx.Response:
    return await member.api.post(f"{member.path}/inbound/{channel}", json=MESSAGE | changes)


async def count(system: System, table: str, member: Member) -> int:
    ((found,),) = await system.sql(f"select count(*) from {table} where workspace_id = %s", member.workspace_id)  # noqa: S608 (names of ours)
    return int(found)


async def ended(member: Member, received: httpx.Response) -> dict[str, Any]:
    """The repeat of a message whose reply is there."""
    body: dict[str, Any] = received.json()
    async with asyncio.timeout(20):
        while body["run"]["ended_at"] is None:
            await asyncio.sleep(0.02)
            body = (await bring(member)).json()
    return body


async def test_a_message_of_a_channel_is_answered_as_on_the_web(member: Member) -> None:
    received = await bring(member, sender={"name": "Věra", "id": "420777"})
    assert received.status_code == 201, received.text
    message = received.json()["message"]
    assert received.headers["location"] == f"/api/v1/conversations/{message['conversation_id']}/messages"
    assert (message["role"], message["content"]) == ("visitor", MESSAGE["text"])
    repeated = await ended(member, received)
    assert repeated["message"] == message
    assert (repeated["run"]["id"], repeated["run"]["status"]) == (received.json()["run"]["id"], "completed")
    conversation = (await member.api.get(f"/api/v1/conversations/{message['conversation_id']}")).json()
    assert (conversation["channel"], conversation["visitor"]) == ("whatsapp", {"name": "Věra", "email": None})
    assert conversation["message_count"] == 2


async def test_a_message_that_is_brought_again_is_answered_200_and_changes_nothing(
    system: System, member: Member
) -> None:
    first = await bring(member)
    again = await bring(member, text="Something else")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["message"] == again.json()["message"]
    assert "location" not in again.headers
    await ended(member, first)
    assert await count(system, "messages", member) == 2


async def test_fifty_equal_messages_at_once_are_one_message_and_one_run(system: System, member: Member) -> None:
    answers = await asyncio.gather(*(bring(member) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    assert len({answer.json()["run"]["id"] for answer in answers}) == 1
    await ended(member, answers[0])
    assert await count(system, "conversations", member) == 1
    assert await count(system, "runs", member) == 1
    assert await count(system, "messages", member) == 2


async def test_many_messages_of_a_new_thread_at_once_share_its_conversation(member: Member) -> None:
    answers = await asyncio.gather(*(bring(member, message_id=f"m-{number}") for number in range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["message"]["conversation_id"] for answer in answers}) == 1
    assert len({answer.json()["message"]["position"] for answer in answers}) == 12


async def test_an_idempotency_key_and_a_message_id_go_together(member: Member) -> None:
    path, key = f"{member.path}/inbound/sms", {"Idempotency-Key": str(uuid4())}
    first = await member.api.post(path, json=MESSAGE, headers=key)
    replayed = await member.api.post(path, json=MESSAGE, headers=key)
    assert (replayed.status_code, replayed.content) == (201, first.content)
    assert replayed.headers["idempotent-replayed"] == "true"
    assert (await member.api.post(path, json=MESSAGE, headers={"Idempotency-Key": str(uuid4())})).status_code == 200


@pytest.mark.parametrize("channel", ["web", "fax", "WhatsApp", "x" * 300])
async def test_another_channel_is_not_found(member: Member, channel: str) -> None:
    problem(await bring(member, channel), 404, "not_found")


async def test_an_inactive_workspace_takes_no_messages_until_it_is_active_again(member: Member) -> None:
    (await member.api.patch(member.path, json={"active": False})).raise_for_status()
    problem(await bring(member), 409, "workspace_inactive")
    (await member.api.patch(member.path, json={"active": True})).raise_for_status()
    assert (await bring(member)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"thread_id": ""}, "/thread_id"),
        ({"thread_id": " "}, "/thread_id"),
        ({"message_id": "x" * 201}, "/message_id"),
        ({"message_id": 7}, "/message_id"),
        ({"text": " "}, "/text"),
        ({"text": "a\u0000b"}, "/text"),
        ({"sender": {"name": "x" * 201}}, "/sender/name"),
        ({"sender": {"phone": "1"}}, "/sender/phone"),
        ({"kind": "sms"}, "/kind"),
    ],
)
async def test_a_message_that_cannot_be_taken_is_refused(member: Member, changes: dict[str, Any], pointer: str) -> None:
    assert pointers(await bring(member, **changes)) == [pointer]


@pytest.fixture(scope="module")
async def limited(system: System, servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A second instance on the same servers, which limits."""
    home = tmp_path_factory.mktemp("limited")
    limits = {"LIMIT_CONVERSATION": "3/minute"}
    settings = settings_for(str(system.settings.database_url), servers.redis, home, **limits)
    async with started(settings, worker=False) as running:
        yield running


async def test_messages_are_limited_by_thread_and_only_by_those_who_belong_there(
    limited: System, member: Member, system: System
) -> None:
    stranger = await system.member()
    path = f"{limited.base_url}{member.path}/inbound/sms"
    for number in range(4):
        body = MESSAGE | {"message_id": f"s-{number}"}
        problem(await stranger.api.post(path, json=body), 404, "not_found")
    answers = [await member.api.post(path, json=MESSAGE | {"message_id": f"m-{number}"}) for number in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert (await member.api.post(path, json=MESSAGE | {"thread_id": "420124"})).status_code == 201
    await system.sql("delete from conversations where workspace_id = %s", member.workspace_id)
