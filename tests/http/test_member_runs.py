"""Members at the replies: what they see of them, how they stop them, and how they have one made once more."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from application.ports.language_model import ModelRefused, TextDelta
from tests.http.stage import END
from tests.http.system import Event, Member, System, Visitor, events_of, problem

API = "/api/v1"


async def test_the_runs_of_a_conversation_are_listed_newest_first(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    for _ in range(3):
        await visitor.ask("Hello")
    page = await _get(member, f"/conversations/{visitor.conversation_id}/runs", limit=2)
    rest = await _get(member, f"/conversations/{visitor.conversation_id}/runs", limit=2, cursor=page["next_cursor"])
    runs = [*page["items"], *rest["items"]]
    messages = (await visitor.messages())["items"]
    assert [run["message_id"] for run in reversed(runs)] == [said["id"] for said in messages[::2]]
    assert [run["reply_message_id"] for run in reversed(runs)] == [said["id"] for said in messages[1::2]]
    assert rest["next_cursor"] is None
    assert await _get(member, f"/runs/{runs[0]['id']}") == runs[0]
    answer = await member.api.get(f"{API}/conversations/{visitor.conversation_id}/runs", params={"cursor": "nonsense"})
    problem(answer, 422, "invalid_cursor")


async def test_a_member_stops_a_running_reply_and_has_it_made_once_more(system: System, member: Member) -> None:
    visitor, held = await system.visitor(member.handle), system.model.hold()
    run = (await visitor.say(held.question)).json()["run"]
    await visitor.writing()
    problem(await member.api.post(f"{API}/runs/{run['id']}/retry"), 409, "run_not_retryable")
    told = await member.api.post(f"{API}/runs/{run['id']}/cancel")
    assert (told.status_code, told.json()["run"]["status"]) == (202, "running")
    assert (await visitor.replies())[-1].name == "cancelled"
    again = await member.api.post(f"{API}/runs/{run['id']}/cancel")
    assert (again.status_code, again.json()["run"]["status"]) == (200, "cancelled")

    system.model.stage(held.question, [TextDelta("A whole reply."), END])
    retried = await member.api.post(f"{API}/runs/{run['id']}/retry")
    assert retried.status_code == 201
    new = retried.json()["run"]
    assert retried.headers["location"] == f"{API}/runs/{new['id']}"
    assert (new["message_id"], new["status"]) == (run["message_id"], "queued")
    end = (await visitor.replies())[-1]
    assert (end.name, end.data["run_id"], end.data["full_text"]) == ("message_end", new["id"], "A whole reply.")
    problem(await member.api.post(f"{API}/runs/{run['id']}/retry"), 409, "run_not_retryable")


async def test_a_failed_reply_is_retried_once_for_one_key(system: System, member: Member) -> None:
    visitor, question = await system.visitor(member.handle), f"Why {uuid4()}?"
    system.model.stage(question, [ModelRefused("as planned")])
    run = (await visitor.say(question)).json()["run"]
    assert (await visitor.replies())[-1].name == "error"
    held = system.model.hold()
    system.model.stage(question, [TextDelta("Half"), held.go, END])
    key = {"Idempotency-Key": str(uuid4())}
    first, second = await asyncio.gather(
        *(member.api.post(f"{API}/runs/{run['id']}/retry", headers=key) for _ in range(2))
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert {"idempotent-replayed" in answer.headers for answer in (first, second)} == {True, False}
    held.go.set()
    assert (await visitor.replies())[-1].name == "message_end"


async def test_nothing_is_retried_in_a_persons_hands(system: System, member: Member) -> None:
    visitor, question = await system.visitor(member.handle), f"Why {uuid4()}?"
    system.model.stage(question, [ModelRefused("as planned")])
    run = (await visitor.say(question)).json()["run"]
    assert (await visitor.replies())[-1].name == "error"
    (await member.api.post(f"{API}/conversations/{visitor.conversation_id}/takeover")).raise_for_status()
    problem(await member.api.post(f"{API}/runs/{run['id']}/retry"), 409, "taken_over")


async def test_a_member_watches_both_sides_as_they_speak(system: System, member: Member) -> None:
    visitor, held = await system.visitor(member.handle), system.model.hold()
    async with asyncio.timeout(20), _watching(member, visitor, follow="true") as events:
        assert (await anext(events)).name == "conversation"
        await visitor.say(held.question)
        said = await anext(events)
        assert (said.name, said.id, said.data["content"]) == ("message", "1-0-1", held.question)
        assert [(await anext(events)).name for _ in range(2)] == ["message_start", "delta"]
        posted = await _say(member, visitor, "I can help.")
        ahead = await anext(events)
        assert (ahead.name, ahead.id, ahead.data["id"]) == ("message", None, posted["id"])
        held.go.set()
        assert [(await anext(events)).name for _ in range(2)] == ["delta", "message_end"]
        await visitor.say("Thanks")
        last = await anext(events)
        assert (last.id, last.data["role"], last.data["content"]) == ("3-0-1", "visitor", "Thanks")


async def test_who_resumes_at_a_message_is_told_what_comes_behind_it(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("Hello")
    posted = await _say(member, visitor, "I can help.")
    async with asyncio.timeout(20), _watching(member, visitor) as events:
        told = [event async for event in events]
    assert [event.name for event in told[:2]] == ["message", "message_start"]
    assert (told[-1].id, told[-1].data["id"]) == ("2-0-1", posted["id"])
    async with asyncio.timeout(20), _watching(member, visitor, last_id=told[0].id) as events:
        assert [event async for event in events] == told[1:]
    nothing = await member.api.get(
        f"{API}/conversations/{visitor.conversation_id}/stream", headers={"Last-Event-ID": "2-0-1"}
    )
    assert nothing.status_code == 204


async def test_an_empty_conversation_has_nothing_to_watch(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    answer = await member.api.get(f"{API}/conversations/{visitor.conversation_id}/stream")
    assert (answer.status_code, answer.content) == (204, b"")


@asynccontextmanager
async def _watching(
    member: Member, visitor: Visitor, last_id: str | None = None, **query: str
) -> AsyncGenerator[AsyncIterator[Event]]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    path = f"{API}/conversations/{visitor.conversation_id}/stream"
    async with member.api.stream("GET", path, params=query, headers=headers) as answer:
        yield events_of(answer)


async def _say(member: Member, visitor: Visitor, content: str) -> dict[str, Any]:
    answer = await member.api.post(f"{API}/conversations/{visitor.conversation_id}/messages", json={"content": content})
    answer.raise_for_status()
    message: dict[str, Any] = answer.json()["message"]
    return message


async def _get(member: Member, path: str, **query: Any) -> dict[str, Any]:
    answer = await member.api.get(f"{API}{path}", params=query)
    answer.raise_for_status()
    view: dict[str, Any] = answer.json()
    return view
