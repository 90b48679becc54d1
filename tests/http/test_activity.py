import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.http.system import Member, System, events_of, problem

FIELDS = {"id", "type", "actor", "subject", "at", "causation_id", "data"}


async def test_activity_is_numbered_without_gaps_whoever_writes_at_once(system: System, member: Member) -> None:
    edits = [member.api.post(f"{member.path}/services", json={"name": f"S{number}"}) for number in range(12)]
    visits = [system.visitor(member.handle) for _ in range(12)]
    await asyncio.gather(*edits, *visits)
    refused = await member.api.post(f"{member.path}/services", json={"name": ""})
    assert refused.status_code == 422
    items = await _all(member)
    assert [item["id"] for item in items] == list(range(len(items), 0, -1))
    assert len(items) >= 24
    assert set(items[0]) == FIELDS


async def test_an_event_says_who_did_what_to_what_and_why(member: Member) -> None:
    answer = await member.api.post(
        f"{member.path}/services", json={"name": "Portrait"}, headers={"X-Request-Id": "because-of-this"}
    )
    newest = (await _all(member))[0]
    assert newest == {
        "id": newest["id"],
        "type": "service.created",
        "actor": {"type": "user", "id": str(member.user.id), "name": member.user.name},
        "subject": {"type": "service", "id": answer.json()["id"]},
        "at": newest["at"],
        "causation_id": "because-of-this",
        "data": {"service_id": answer.json()["id"], "name": "Portrait"},
    }


async def test_a_chat_is_told_from_its_start_to_the_reply(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("Hello")
    told = (await _all(member))[::-1]
    types = [item["type"] for item in told]
    assert types[-4:] == ["conversation.started", "message.posted", "run.started", "run.completed"]
    (job,) = (await member.api.get(f"{member.path}/jobs", params={"type": "generate_reply"})).json()["items"]
    assert [item["causation_id"] for item in told[-2:]] == [job["id"]] * 2


async def test_asking_for_a_person_is_told(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("I would like to talk to a person.")
    asked = await _all(member, type="conversation.person_requested")
    assert [item["subject"] for item in asked] == [{"type": "conversation", "id": visitor.conversation_id}]


async def test_activity_is_filtered(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    posted = (await visitor.say("Hello")).json()
    await visitor.replies()
    await member.api.patch(member.path, json={"name": "Atelier"})
    everything = await _all(member)
    filters: list[tuple[dict[str, str], Callable[[dict[str, Any]], bool]]] = [
        ({"type": "message.posted"}, lambda item: item["type"] == "message.posted"),
        ({"type": "run"}, lambda item: item["type"].startswith("run.")),
        ({"actor": str(member.user.id)}, lambda item: item["actor"]["id"] == str(member.user.id)),
        ({"subject": posted["run"]["id"]}, lambda item: item["subject"]["id"] == posted["run"]["id"]),
        ({"since": "3"}, lambda item: item["id"] > 3),
        ({"type": "run", "since": "4"}, lambda item: item["type"].startswith("run.") and item["id"] > 4),
    ]
    for query, matches in filters:
        expected = [item for item in everything if matches(item)]
        assert expected
        assert await _all(member, **query) == expected
    assert await _all(member, subject=str(uuid4())) == []
    assert await _all(member, type="run.") == await _all(member, type="no.such") == []


async def test_pages_of_activity_are_whole_though_more_happens_meanwhile(member: Member) -> None:
    for number in range(5):
        await member.api.post(f"{member.path}/services", json={"name": f"S{number}"})
    everything = await _all(member)
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await member.api.get(f"{member.path}/activity", params=query)).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await member.api.post(f"{member.path}/services", json={"name": "Meanwhile"})
    assert seen == everything


@pytest.mark.parametrize("number", [0, 2])
async def test_the_stream_goes_on_where_the_reader_left(member: Member, number: int) -> None:
    for name in "abc":
        await member.api.post(f"{member.path}/services", json={"name": name})
    told = (await _all(member))[::-1]
    seen: list[dict[str, Any]] = []
    headers = {"Last-Event-ID": str(number)}
    url = f"{member.path}/activity/stream"
    async with asyncio.timeout(20), member.api.stream("GET", url, headers=headers) as answer:
        async for event in events_of(answer):
            assert (event.name, event.id) == ("activity", str(event.data["id"]))
            seen.append(event.data)
            if len(seen) == len(told) - number:
                await member.api.post(f"{member.path}/services", json={"name": "live"})
            elif len(seen) > len(told) - number:
                break
    assert seen[:-1] == told[number:]
    assert seen[-1]["data"]["name"] == "live"


async def test_the_stream_begins_now_unless_it_is_told_where(member: Member) -> None:
    await member.api.post(f"{member.path}/services", json={"name": "before"})
    async with asyncio.timeout(20), member.api.stream("GET", f"{member.path}/activity/stream") as answer:
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        await member.api.post(f"{member.path}/services", json={"name": "after"})
        shown = await anext(
            json.loads(line.removeprefix("data: ")) async for line in lines if line.startswith("data: ")
        )
        assert shown["data"]["name"] == "after"
    query = {"since": "1"}
    async with asyncio.timeout(20), member.api.stream("GET", f"{member.path}/activity/stream", params=query) as answer:
        assert (await anext(events_of(answer))).id == "2"


async def test_activity_can_neither_be_changed_nor_removed(system: System, member: Member) -> None:
    for statement in (
        "update activity set type = 'x.y' where workspace_id = %s",
        "delete from activity where workspace_id = %s",
    ):
        with pytest.raises(Exception, match="append"):
            await system.sql(statement, member.workspace_id)
    with pytest.raises(Exception, match="append"):
        await system.sql("truncate activity")
    assert await _all(member)


async def test_activity_holds_nothing_that_a_visitor_wrote_or_is(system: System, member: Member) -> None:
    mark = f"planted{uuid4().hex}"
    visitor = await system.visitor(member.handle, visitor_name=f"Vera {mark}", visitor_email=f"{mark}@example.com")
    for question in (f"Is {mark} open?", f"I would like to book {mark}", f"Can a person answer {mark}?"):
        await visitor.ask(question)
    held = system.model.hold(before=f"{mark} ")
    run = (await visitor.say(held.question)).json()["run"]
    await visitor.writing()
    await system.client.post(f"{visitor.path}/runs/{run['id']}/cancel", headers=visitor.headers)
    await visitor.replies()
    reply = (await visitor.messages())["items"][1]
    path = f"{visitor.path}/messages/{reply['id']}/feedback"
    await system.client.post(path, json={"value": "down", "note": mark}, headers=visitor.headers)
    holders = await system.holders_of(mark)
    assert "activity" not in holders
    assert {"conversations", "messages"} <= set(holders) <= {"conversations", "messages", "passages", "runs"}
    assert len(await _all(member, type="message.rated")) == 1
    assert mark not in json.dumps((await member.api.get(f"{member.path}/jobs")).json())


async def test_a_bad_filter_is_named(member: Member) -> None:
    for query in ({"actor": "me"}, {"since": "-1"}, {"since": "x"}, {"limit": "0"}, {"type": "t" * 101}):
        answer = await member.api.get(f"{member.path}/activity", params=query)
        (fault,) = problem(answer, 422, "invalid")["errors"]
        assert fault["pointer"] == f"/query/{next(iter(query))}"
    problem(await member.api.get(f"{member.path}/activity", params={"cursor": "?"}), 422, "invalid_cursor")


async def _all(member: Member, **query: str) -> list[dict[str, Any]]:
    answer = await member.api.get(f"{member.path}/activity", params={"limit": "100", **query})
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
