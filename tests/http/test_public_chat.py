import asyncio
import re
from uuid import uuid4

import httpx
import pytest

from tests.http.system import Member, System, Visitor, pointers, problem, text_of

START = "/api/v1/public/conversations"
MESSAGE_FIELDS = set("id conversation_id position role author content status run_id metadata created_at".split())


async def test_a_visitor_asks_and_is_answered_from_the_workspace(system: System) -> None:
    visitor = await system.visitor()
    posted = await visitor.say("What does a consultation cost?")
    assert posted.status_code == 201
    events = await visitor.replies()
    assert [events[0].name, events[-1].name] == ["message_start", "message_end"]
    assert "60" in events[-1].data["full_text"]
    assert text_of(events) == events[-1].data["full_text"]
    messages = (await visitor.messages())["items"]
    assert [message["role"] for message in messages] == ["visitor", "assistant"]
    assert messages[1]["content"] == events[-1].data["full_text"]
    assert messages[1]["id"] == events[0].data["message_id"]
    assert set(messages[1]) >= MESSAGE_FIELDS


async def test_a_conversation_starts_with_its_token(system: System) -> None:
    sent = {"workspace_handle": "harbour-studio", "visitor_name": "Vera", "visitor_email": "vera@example.com"}
    answer = await system.client.post(START, json=sent)
    started = answer.json()
    assert (answer.status_code, set(started)) == (201, {"conversation_id", "visitor_token", "created_at"})
    assert re.fullmatch(r"fd_visitor_[0-9a-f]{32}_[\w-]{43}", started["visitor_token"])
    assert answer.headers["location"] == f"{START}/{started['conversation_id']}/messages"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"workspace_handle": "nobody-here"}, 404, "not_found"),
        ({"workspace_handle": "Not a handle"}, 404, "not_found"),
        ({"workspace_handle": ""}, 404, "not_found"),
        ({"workspace_handle": "nul\x00"}, 404, "not_found"),
        ({}, 422, "invalid"),
        ({"workspace_handle": "harbour-studio", "visitor_name": "n" * 201}, 422, "invalid"),
        ({"workspace_handle": "harbour-studio", "visitor_email": "e" * 321}, 422, "invalid"),
        ({"workspace_handle": "harbour-studio", "visitor_email": "no address"}, 422, "invalid"),
        ({"workspace_handle": "harbour-studio", "channel": "sms"}, 422, "invalid"),
    ],
)
async def test_a_conversation_that_cannot_start_is_a_problem(
    system: System, sent: dict[str, object], status: int, code: str
) -> None:
    problem(await system.client.post(START, json=sent), status, code)


async def test_a_posted_message_is_told_with_its_run(system: System) -> None:
    visitor = await system.visitor()
    answer = await visitor.say("  When are you open?  ")
    message, run = answer.json()["message"], answer.json()["run"]
    assert answer.headers["location"] == f"{visitor.path}/messages"
    assert (message["role"], message["content"], message["position"]) == ("visitor", "When are you open?", 1)
    assert (message["status"], message["author"]["type"]) == ("complete", "visitor")
    assert (run["status"], run["message_id"], run["conversation_id"]) == (
        "queued",
        message["id"],
        visitor.conversation_id,
    )
    await visitor.replies()


async def test_whoever_asks_to_book_is_given_the_link_by_a_tool(system: System) -> None:
    visitor = await system.visitor()
    await visitor.say("I would like to book a portrait session.")
    events = await visitor.replies()
    call = next(event for event in events if event.name == "tool_call")
    result = next(event for event in events if event.name == "tool_result")
    assert call.data["tool"] == "get_booking_link"
    assert (result.data["id"], result.data["status"]) == (call.data["id"], "ok")
    assert result.data["data"]["url"] == "https://calendly.com/harbour-studio/consultation"
    assert "https://calendly.com/harbour-studio/consultation" in events[-1].data["full_text"]
    assert [message["role"] for message in (await visitor.messages())["items"]] == ["visitor", "assistant"]


async def test_a_failing_tool_is_told_to_the_model_which_goes_on(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.say("I would like to book an appointment.")
    events = await visitor.replies()
    result = next(event for event in events if event.name == "tool_result")
    assert result.data["status"] == "error"
    assert result.data["error"]
    assert events[-1].name == "message_end"
    assert events[-1].data["full_text"]


async def test_an_edited_knowledge_base_answers_at_once(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    question = "How much is a surfing lesson?"
    assert "don't know" in await visitor.ask(question)
    for price in ("25 €", "31 €"):
        text = f"# Surfing\n\nA surfing lesson costs {price} per person."
        assert (await member.api.patch(member.path, json={"knowledge_base": text})).status_code == 200
        assert price in await visitor.ask(question)
        assert price in await (await system.visitor(member.handle)).ask(question)
    await member.api.patch(member.path, json={"knowledge_base": None})
    assert "31" not in await (await system.visitor(member.handle)).ask(question)


async def test_what_the_assistant_knows_is_of_its_own_workspace(system: System, member: Member) -> None:
    answer = await (await system.visitor(member.handle)).ask("What does a consultation cost?")
    assert "don't know" in answer


async def test_a_message_has_one_to_eight_thousand_characters(system: System) -> None:
    visitor = await system.visitor()
    most = "😀" * 8_000
    posted = await visitor.say(most)
    assert (posted.status_code, posted.json()["message"]["content"]) == (201, most)
    for content in ("", " \n ", "x" * 8_001, "nul\x00"):
        assert pointers(await visitor.say(content)) == ["/content"]
    await visitor.replies()
    assert (await visitor.messages())["items"][0]["content"] == most


@pytest.mark.parametrize("name", ["role", "author", "run_id", "status", "metadata"])
async def test_a_visitor_can_only_write_as_visitor(system: System, name: str) -> None:
    visitor = await system.visitor()
    assert pointers(await visitor.say("Hello", **{name: "assistant"})) == [f"/{name}"]
    assert (await visitor.messages())["items"] == []


async def test_a_conversation_is_nothing_without_its_token(system: System) -> None:
    mine, other = await system.visitor(), await system.visitor()
    message = (await mine.say("Hello")).json()
    bad = [None, "nonsense", mine.token[:-1], f"{mine.token}x", other.token, system.token]
    bad.append(mine.token.replace("fd_visitor_", "fd_key_"))
    for token in bad:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        for answer in (
            await system.client.get(f"{mine.path}/messages", headers=headers),
            await system.client.post(f"{mine.path}/messages", headers=headers, json={"content": "Me too"}),
            await system.client.get(f"{mine.path}/stream", headers=headers),
            await system.client.post(f"{mine.path}/runs/{message['run']['id']}/cancel", headers=headers),
            await system.client.delete(mine.path, headers=headers),
        ):
            problem(answer, 404, "not_found")
    await mine.replies()
    assert len((await mine.messages())["items"]) == 2


async def test_messages_are_polled_by_cursor_or_message_id(system: System) -> None:
    visitor = await system.visitor()
    empty = await visitor.messages()
    assert empty["items"] == []
    for question in ("When are you open?", "Can I bring my dog?"):
        await visitor.ask(question)
    everything = (await visitor.messages(since=empty["next_cursor"]))["items"]
    assert [message["position"] for message in everything] == [1, 2, 3, 4]
    first = await visitor.messages(limit=3)
    assert [message["position"] for message in first["items"]] == [1, 2, 3]
    rest = await visitor.messages(since=first["next_cursor"])
    assert await visitor.messages(cursor=first["next_cursor"]) == rest
    assert rest["items"] == everything[3:]
    end = await visitor.messages(since=rest["next_cursor"])
    assert (end["items"], end["next_cursor"]) == ([], rest["next_cursor"])
    for index, message in enumerate(everything):
        assert (await visitor.messages(since=message["id"]))["items"] == everything[index + 1 :]
    await visitor.ask("Thanks")
    assert [message["position"] for message in (await visitor.messages(since=end["next_cursor"]))["items"]] == [5, 6]


async def test_a_place_of_another_conversation_is_no_cursor(system: System) -> None:
    mine, other = await system.visitor(), await system.visitor()
    message = (await other.say("Hello")).json()["message"]
    for since in (message["id"], str(uuid4()), "nonsense", "WzEsMl0", "WyJ4Il0"):
        answer = await system.client.get(f"{mine.path}/messages", params={"since": since}, headers=mine.headers)
        problem(answer, 422, "invalid_cursor")
    await other.replies()


async def test_feedback_is_kept_with_the_reply_and_replaced_by_a_later_one(system: System) -> None:
    visitor = await system.visitor()
    await visitor.ask("When are you open?")
    asked, reply = (await visitor.messages())["items"]
    answer = await _rate(system, visitor, reply["id"], {"value": "down", "note": "Too short"})
    assert answer.status_code == 200
    assert answer.json()["metadata"]["feedback"]["value"] == "down"
    assert (await _rate(system, visitor, reply["id"], {"value": "up"})).status_code == 200
    kept = (await visitor.messages())["items"][1]["metadata"]["feedback"]
    assert (kept["value"], kept["note"]) == ("up", None)
    problem(await _rate(system, visitor, asked["id"], {"value": "up"}), 404, "not_found")
    problem(await _rate(system, visitor, str(uuid4()), {"value": "up"}), 404, "not_found")
    assert pointers(await _rate(system, visitor, reply["id"], {"value": "sideways"})) == ["/value"]
    assert pointers(await _rate(system, visitor, reply["id"], {"value": "up", "note": "n" * 2_001})) == ["/note"]
    other = await system.visitor()
    problem(await _rate(system, other, reply["id"], {"value": "up"}), 404, "not_found")


async def test_twenty_visitors_at_once_are_each_answered_their_own(system: System) -> None:
    async def ask(question: str) -> str:
        return await (await system.visitor()).ask(question)

    prices, hours = (
        await asyncio.gather(*(ask("What does a consultation cost?") for _ in range(20))),
        await asyncio.gather(*(ask("When are you open?") for _ in range(20))),
    )
    assert all("60" in answer for answer in prices)
    assert all("9 a.m." in answer for answer in hours)


async def _rate(system: System, visitor: Visitor, message_id: str, body: dict[str, object]) -> httpx.Response:
    return await system.client.post(
        f"{visitor.path}/messages/{message_id}/feedback", json=body, headers=visitor.headers
    )
