"""What becomes of replies while other things happen: more messages, and the wish that they stop."""

import asyncio
from uuid import uuid4

import httpx

from tests.http.system import Event, System, Visitor, problem


async def test_a_running_reply_is_cancelled_and_its_text_kept(system: System) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    run = (await visitor.say(held.question)).json()["run"]
    await visitor.writing()
    cancelled = await _cancel(system, visitor, run["id"])
    assert cancelled.status_code == 202
    assert (cancelled.json()["run"]["id"], cancelled.json()["run"]["status"]) == (run["id"], "running")
    end = (await visitor.replies())[-1]
    assert (end.name, end.data["full_text"], end.data["run_id"]) == ("cancelled", "Half a ", run["id"])
    assert held.script.closed == 1
    reply = (await visitor.messages())["items"][1]
    assert (reply["id"], reply["status"], reply["content"]) == (end.data["message_id"], "partial", "Half a ")
    again = await _cancel(system, visitor, run["id"])
    assert (again.status_code, again.json()["run"]["status"]) == (200, "cancelled")


async def test_a_reply_that_has_ended_stays_as_it_is(system: System) -> None:
    visitor = await system.visitor()
    run = (await visitor.say("Hello")).json()["run"]
    before = await visitor.replies()
    answer = await _cancel(system, visitor, run["id"])
    assert (answer.status_code, answer.json()["run"]["status"]) == (200, "completed")
    assert await visitor.replies() == before


async def test_a_waiting_reply_is_cancelled_at_once(system: System) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    waiting = (await visitor.say("Are you there?")).json()["run"]
    answer = await _cancel(system, visitor, waiting["id"])
    assert (answer.status_code, answer.json()["run"]["status"]) == (200, "cancelled")
    held.go.set()
    events = await _ends(visitor, 2)
    assert [(event.name, event.data["full_text"]) for event in events] == [
        ("message_end", "Half a reply."),
        ("cancelled", ""),
    ]
    roles = [message["role"] for message in (await visitor.messages())["items"]]
    assert roles == ["visitor", "visitor", "assistant"]


async def test_only_runs_of_the_own_conversation_can_be_cancelled(system: System) -> None:
    mine, other, held = await system.visitor(), await system.visitor(), system.model.hold()
    run = (await mine.say(held.question)).json()["run"]
    await mine.writing()
    problem(await _cancel(system, other, run["id"]), 404, "not_found")
    problem(await _cancel(system, mine, str(uuid4())), 404, "not_found")
    held.go.set()
    assert (await mine.replies())[-1].name == "message_end"


async def test_messages_sent_meanwhile_are_answered_in_order(system: System) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    questions = [system.model.hold(before=f"Answer {number}", after="") for number in range(5)]
    for question in questions:
        question.go.set()
        assert (await visitor.say(question.question)).json()["run"]["status"] == "queued"
    problem(await visitor.say("One too many"), 409, "too_many_waiting")
    problem(await visitor.say("Now or never", if_busy="reject"), 409, "run_in_progress")
    held.go.set()
    ends = await _ends(visitor, 6)
    assert [event.data["full_text"] for event in ends] == ["Half a reply.", *(f"Answer {n}" for n in range(5))]
    assert len((await visitor.messages())["items"]) == 12


async def test_an_interruption_stops_all_that_was_asked_before(system: System) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    for number in range(5):
        await visitor.say(f"Waiting {number}")
    posted = await visitor.say("Hello", if_busy="interrupt")
    assert posted.status_code == 201
    ends = await _ends(visitor, 7)
    assert [event.name for event in ends] == [*["cancelled"] * 6, "message_end"]
    assert ends[0].data["full_text"] == "Half a "
    assert ends[-1].data["run_id"] == posted.json()["run"]["id"]
    statuses = await system.sql(
        "select status, count(*) from runs where conversation_id = %s group by 1 order by 1", visitor.conversation_id
    )
    assert statuses == [("cancelled", 6), ("completed", 1)]


async def test_an_idle_conversation_is_not_busy(system: System) -> None:
    visitor = await system.visitor()
    for if_busy in ("reject", "interrupt", "queue"):
        assert (await visitor.say("Hello", if_busy=if_busy)).status_code == 201
        assert (await visitor.replies())[-1].name == "message_end"


async def test_of_messages_at_once_as_many_are_taken_as_may_wait(system: System) -> None:
    visitor, held = await system.visitor(), system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    posts = await asyncio.gather(*(visitor.say(f"Question {number}") for number in range(9)))
    assert sorted(post.status_code for post in posts) == [*[201] * 5, *[409] * 4]
    held.go.set()
    ends = await _ends(visitor, 6)
    assert {event.name for event in ends} == {"message_end"}
    positions = [message["position"] for message in (await visitor.messages())["items"]]
    assert positions == list(range(1, 13))


async def _cancel(system: System, visitor: Visitor, run_id: str) -> httpx.Response:
    return await system.client.post(f"{visitor.path}/runs/{run_id}/cancel", headers=visitor.headers)


async def _ends(visitor: Visitor, number: int) -> list[Event]:
    """The ends of the conversation's first so many replies."""
    ends: list[Event] = []
    async with asyncio.timeout(20), visitor.stream(last_id="1-1-1", follow=True) as events:
        async for event in events:
            if event.name in {"message_end", "cancelled", "error"}:
                ends.append(event)
                if len(ends) == number:
                    break
    return ends
