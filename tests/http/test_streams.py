import asyncio
import uuid
from pathlib import Path

import httpx
import pytest

from application.ports.language_model import ModelRefused, ModelTimeout, ModelUnavailable, TextDelta
from domain.ids import RunId
from entrypoints.supervisor.embedded import Urls
from tests.http.stage import END
from tests.http.system import Event, System, Visitor, settings_for, started, text_of

LONG = "What does a consultation cost, and when are you open?"
TOOL = "I would like to book a portrait session."


async def test_a_stream_says_how_it_is_to_be_read(system: System) -> None:
    visitor = await system.visitor()
    await visitor.say("Hello")
    async with system.client.stream("GET", f"{visitor.path}/stream", headers=visitor.headers) as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        assert (await anext(answer.aiter_lines())).startswith("retry: ")


@pytest.mark.parametrize("question", [LONG, TOOL])
async def test_a_known_event_id_resumes_right_behind_it(system: System, question: str) -> None:
    visitor = await system.visitor()
    await visitor.say(question)
    live = await visitor.replies()
    assert len(live) > 3
    assert await visitor.replies() == live
    for index, event in enumerate(live[:-1]):
        assert await visitor.replies(last_id=event.id) == live[index + 1 :]
    assert await _status(system, visitor, live[-1].id) == 204


async def test_a_reader_may_leave_and_resume_at_any_event_while_the_reply_is_made(system: System) -> None:
    visitor = await system.visitor()
    gates = [asyncio.Event() for _ in range(4)]
    question = f"What of {uuid.uuid4()}?"
    steps = [step for number, gate in enumerate(gates) for step in (TextDelta(f"part {number} "), gate)]
    system.model.stage(question, [*steps, END])
    await visitor.say(question)
    seen: list[Event] = []
    for gate in gates:
        async with asyncio.timeout(20), visitor.stream(last_id=seen[-1].id if seen else None) as events:
            async for event in events:
                seen.append(event)
                if event.name == "delta":
                    break
        gate.set()
    seen += await visitor.replies(last_id=seen[-1].id)
    assert seen == await visitor.replies()
    assert text_of(seen) == seen[-1].data["full_text"] == "part 0 part 1 part 2 part 3 "


@pytest.mark.parametrize(
    "unknown", ["nonsense", "1-1", "99-1-1", "1-9-1", "1-1-99999", "-1-1-1", "1-1-1-1", "\uff19-1-1", "0" * 4_000]
)
async def test_an_unknown_event_id_starts_at_the_newest_reply(system: System, unknown: str) -> None:
    visitor = await system.visitor()
    await visitor.ask("Hello")
    await visitor.say(LONG)
    newest = await visitor.replies()
    headers = httpx.Headers({**visitor.headers, "Last-Event-ID": unknown}, encoding="utf-8")
    answer = await system.client.get(f"{visitor.path}/stream", headers=headers)
    assert answer.status_code == 200
    ids = [line.removeprefix("id: ") for line in answer.text.splitlines() if line.startswith("id: ")]
    assert ids == [event.id for event in newest]


async def test_nothing_to_show_is_no_content_unless_one_follows(system: System) -> None:
    visitor = await system.visitor()
    assert await _status(system, visitor, None) == 204
    assert await _status(system, visitor, "1-1-1") == 204
    await visitor.say("Hello")
    end = (await visitor.replies())[-1]
    assert await _status(system, visitor, end.id) == 204


async def test_a_follower_is_shown_reply_after_reply(system: System) -> None:
    visitor = await system.visitor()
    seen: list[Event] = []
    async with asyncio.timeout(20), visitor.stream(follow=True) as events:
        for question in ("Hello", TOOL):
            await visitor.say(question)
            async for event in events:
                seen.append(event)
                if event.name == "message_end":
                    break
    assert [event.name for event in seen].count("message_start") == 2
    stands = {"status": "open", "handled_by": "assistant", "handler": None, "waiting": False}
    assert seen.pop(0) == Event(id=None, name="conversation", data=stands)
    ids = [tuple(map(int, str(event.id).split("-"))) for event in seen]
    assert ids == sorted(set(ids))
    second = next(index for index, event in enumerate(seen) if event.name == "message_end") + 1
    assert await visitor.replies() == seen[second:]
    assert await visitor.replies(last_id=seen[1].id) == seen[2:]


async def test_events_of_a_reply_come_in_their_order(system: System) -> None:
    visitor = await system.visitor()
    posted = (await visitor.say(TOOL)).json()
    events = await visitor.replies()
    assert events[0].data == {
        "message_id": events[-1].data["message_id"],
        "run_id": posted["run"]["id"],
        "attempt": 1,
    }
    names = [event.name for event in events]
    assert names.index("tool_call") < names.index("tool_result") < names.index("delta")
    assert set(events[-1].data) == {"message_id", "run_id", "full_text"}


async def test_offsets_count_code_points(system: System) -> None:
    visitor = await system.visitor()
    question = f"What of {uuid.uuid4()}?"
    chunks = ["😀", "e\u0301", "👩\u200d👩", "x"]
    system.model.stage(question, [*map(TextDelta, chunks), END])
    await visitor.say(question)
    events = await visitor.replies()
    deltas = [(event.data["offset"], event.data["text_chunk"]) for event in events if event.name == "delta"]
    assert "".join(chunk for _, chunk in deltas) == "".join(chunks) == events[-1].data["full_text"]
    assert all(offset == len("".join(chunks)[:offset]) for offset, _ in deltas)
    assert text_of(events) == "".join(chunks)


async def test_disconnecting_does_not_stop_the_reply(system: System) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    held.go.set()
    assert (await visitor.replies())[-1].data["full_text"] == "Half a reply."


@pytest.mark.parametrize(
    ("error", "code"),
    [(ModelUnavailable(), "model_unavailable"), (ModelRefused(), "model_refused"), (ModelTimeout(), "timeout")],
)
async def test_a_reply_that_fails_says_why_and_keeps_its_text(system: System, error: Exception, code: str) -> None:
    visitor = await system.visitor()
    question = f"What of {uuid.uuid4()}?"
    system.model.stage(question, [TextDelta("So far so "), error])
    await visitor.say(question)
    events = await visitor.replies()
    end = events[-1]
    assert (end.name, end.data["code"], end.data["full_text"]) == ("error", code, "So far so ")
    assert end.data["message"]
    reply = (await visitor.messages())["items"][1]
    assert (reply["id"], reply["status"], reply["content"]) == (end.data["message_id"], "partial", "So far so ")
    assert await visitor.ask("Hello")


async def test_a_lost_live_log_is_told_again_from_what_was_saved(system: System) -> None:
    visitor = await system.visitor()
    run = (await visitor.say(TOOL)).json()["run"]
    live = await visitor.replies()
    await system.container.ports.run_log().drop([RunId(uuid.UUID(run["id"]))])
    told = await visitor.replies()
    assert (told[0].name, told[-1].name) == ("message_start", "message_end")
    assert told[-1].data == live[-1].data
    assert text_of(told) == text_of(live)
    assert [event.name for event in told if "tool" in event.name] == ["tool_call", "tool_result"]
    for event in live[:-1]:
        rest = await visitor.replies(last_id=event.id)
        shown = live[: live.index(event) + 1]
        assert text_of([*shown, *rest]) == live[-1].data["full_text"]
        assert rest[-1].data == live[-1].data


async def test_any_api_process_shows_what_any_worker_makes(system: System, servers: Urls, tmp_path: Path) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    settings = settings_for(str(system.settings.database_url), servers.redis, tmp_path)
    async with started(settings, worker=False) as other:
        elsewhere = Visitor(other.client, visitor.conversation_id, visitor.token)
        assert (await elsewhere.say(held.question)).status_code == 201
        here, there = asyncio.create_task(visitor.replies()), asyncio.create_task(elsewhere.replies())
        await elsewhere.writing()
        held.go.set()
        assert await here == await there
        assert (await there)[-1].data["full_text"] == "Half a reply."
        assert await elsewhere.messages() == await visitor.messages()


async def _status(system: System, visitor: Visitor, last_id: str | None) -> int:
    headers = visitor.headers | ({"Last-Event-ID": last_id} if last_id else {})
    return (await system.client.get(f"{visitor.path}/stream", headers=headers)).status_code
