import asyncio
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from application.conversations.index_conversations import IndexConversations
from tests.http.system import Event, Member, System, problem

EMPTY_AFTER = ("conversations", "messages", "runs")


async def test_erasing_leaves_nothing_of_what_was_said_or_of_the_visitor(system: System, member: Member) -> None:
    marks = {name: f"planted-{name}-{uuid4().hex}" for name in ("name", "mail", "text", "note")}
    visitor = await system.visitor(
        member.handle, visitor_name=marks["name"], visitor_email=f"{marks['mail']}@example.com"
    )
    await visitor.ask(f"Is {marks['text']} yours?")
    await visitor.ask("I would like to talk to a person.")
    reply = (await visitor.messages())["items"][1]
    feedback = {"value": "up", "note": marks["note"]}
    path = f"{visitor.path}/messages/{reply['id']}/feedback"
    assert (await system.client.post(path, json=feedback, headers=visitor.headers)).status_code == 200
    await system.run_now(IndexConversations())
    assert await system.holders_of(marks["text"]) == ["messages", "passages", "runs"]
    assert await system.holders_of(marks["mail"]) == ["conversations"]
    answer = await system.client.delete(visitor.path, headers=visitor.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    for mark in marks.values():
        assert await system.holders_of(mark) == []
    for table in EMPTY_AFTER:
        column = "id" if table == "conversations" else "conversation_id"
        rows = await system.sql(f"select 1 from {table} where {column} = %s", visitor.conversation_id)  # noqa: S608 (names of ours)
        assert rows == []


async def test_the_token_opens_nothing_after_an_erasure(system: System) -> None:
    visitor = await system.visitor()
    await visitor.ask("Hello")
    await system.client.delete(visitor.path, headers=visitor.headers)
    problem(await visitor.say("Are you still there?"), 404, "not_found")
    for path in (f"{visitor.path}/messages", f"{visitor.path}/stream"):
        problem(await system.client.get(path, headers=visitor.headers), 404, "not_found")
    problem(await system.client.delete(visitor.path, headers=visitor.headers), 404, "not_found")


async def test_answers_kept_for_repeats_are_erased_too(system: System) -> None:
    visitor, key = await system.visitor(), uuid4().hex
    await visitor.say("Hello", headers={"Idempotency-Key": key})
    await visitor.replies()
    assert await system.sql("select count(*) from idempotency_keys where key = %s", key) == [(1,)]
    await system.client.delete(visitor.path, headers=visitor.headers)
    assert await system.sql("select count(*) from idempotency_keys where key = %s", key) == [(0,)]


async def test_a_thread_of_a_channel_leaves_nothing_nor_do_answers_kept_for_its_members(
    system: System, member: Member, servers_redis: Redis
) -> None:
    marks = {name: f"planted-{name}-{uuid4().hex}" for name in ("thread", "message", "text", "name", "sender")}
    sender = {"name": marks["name"], "id": marks["sender"]}
    brought = {"thread_id": marks["thread"], "message_id": marks["message"], "text": marks["text"], "sender": sender}
    keys: list[str] = []

    async def post(path: str, body: Any = None) -> dict[str, Any]:
        keys.append(uuid4().hex)
        answer = await member.api.post(path, json=body, headers={"Idempotency-Key": keys[-1]})
        answer.raise_for_status()
        shown: dict[str, Any] = answer.json()
        return shown

    run = (await post(f"{member.path}/inbound/sms", brought))["run"]
    await _ended(system, run["id"])
    path = f"/api/v1/conversations/{run['conversation_id']}"
    await post(f"{path}/messages", {"content": f"You said {marks['text']}."})
    for _ in range(2):  # the second changes nothing, and shows as much
        assert marks["name"] in str(await post(f"{path}/takeover"))
    assert [len(await system.holders_of(mark)) > 0 for mark in marks.values()] == [True] * len(marks)
    kept = "select count(*) from idempotency_keys where key = any(%s)"
    assert await system.sql(kept, keys) == [(4,)]

    assert (await member.api.delete(path)).status_code == 204
    assert await system.sql(kept, keys) == [(0,)]
    for mark in marks.values():
        assert await system.holders_of(mark) == []
        assert await _keys(servers_redis, mark) == []
    assert await _keys(servers_redis, run["id"]) == []


async def test_the_live_log_is_erased_too(system: System, servers_redis: Redis) -> None:
    visitor = await system.visitor()
    run = (await visitor.say("What does a consultation cost?")).json()["run"]
    await visitor.replies()
    assert await _keys(servers_redis, run["id"])
    await system.client.delete(visitor.path, headers=visitor.headers)
    assert await _keys(servers_redis, run["id"]) == []


async def test_activity_keeps_only_that_it_happened(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle, visitor_name="Vera Visitor", visitor_email="vera@example.com")
    await visitor.ask("Do you sell umbrellas?")
    await system.client.delete(visitor.path, headers=visitor.headers)
    items = (await member.api.get(f"{member.path}/activity")).json()["items"]
    assert (items[0]["type"], items[0]["subject"]) == (
        "conversation.erased",
        {"type": "conversation", "id": visitor.conversation_id},
    )
    assert items[0]["actor"] == {"type": "visitor", "id": visitor.conversation_id, "name": "Visitor"}
    assert "message.posted" in {item["type"] for item in items}
    assert not [item for item in items if "umbrella" in str(item) or "Vera" in str(item) or "vera" in str(item)]


@pytest.mark.parametrize("follow", [False, True])
async def test_an_open_stream_ends_and_so_does_the_reply_when_all_is_erased(system: System, *, follow: bool) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    run = (await visitor.say(held.question)).json()["run"]
    seen: list[Event] = []
    async with asyncio.timeout(20), visitor.stream(follow=follow) as events:
        async for event in events:
            seen.append(event)
            if event.name == "delta":
                await system.client.delete(visitor.path, headers=visitor.headers)
    assert seen[-1].name in {"delta", "cancelled"}
    await _ended(system, run["id"])
    assert held.script.closed == 1
    assert await system.sql("select 1 from runs where id = %s", run["id"]) == []


async def test_an_idle_follower_is_let_go_by_an_erasure(system: System) -> None:
    visitor = await system.visitor()
    await visitor.ask("Hello")
    async with asyncio.timeout(20), visitor.stream(follow=True) as events:
        async for event in events:
            if event.name == "message_end":
                await system.client.delete(visitor.path, headers=visitor.headers)


async def test_an_erased_conversation_leaves_no_job_waiting(system: System) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    runs = [(await visitor.say(held.question)).json()["run"]["id"]]
    await visitor.writing()
    runs += [(await visitor.say(f"More {number}")).json()["run"]["id"] for number in range(3)]
    await system.client.delete(visitor.path, headers=visitor.headers)
    for run in runs:
        await _ended(system, run)


async def _keys(redis: Any, part: str) -> list[bytes]:
    return [key async for key in redis.scan_iter(match=f"*{part}*")]


async def _ended(system: System, run_id: str) -> None:
    """Waits until the job that makes the run has ended."""
    async with asyncio.timeout(20):
        while await system.sql("select 1 from jobs where subject_id = %s and ended_at is null", run_id):  # noqa: ASYNC110 (nothing of ours tells it to a test)
            await asyncio.sleep(0.02)
