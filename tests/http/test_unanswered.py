import asyncio
from typing import Any

import httpx
import pytest

from tests.http.system import Member, System, pointers, problem

KNOWLEDGE = "# Prices\n\nA portrait costs 120 EUR."
QUESTION = "Do you have parking?"


@pytest.fixture
async def business(member: Member) -> Member:
    (await member.api.patch(member.path, json={"knowledge_base": KNOWLEDGE})).raise_for_status()
    return member


async def unanswered(member: Member, **query: Any) -> dict[str, Any]:
    answer = await member.api.get(f"{member.path}/unanswered", params=query)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def know(member: Member, run_id: str, **body: Any) -> httpx.Response:
    return await member.api.post(f"{member.path}/unanswered/{run_id}/knowledge", json=body)


async def test_what_the_assistant_did_not_know_is_known_after_one_request(system: System, business: Member) -> None:
    visitor = await system.visitor(business.handle)
    await visitor.ask(QUESTION)
    page = await unanswered(business)
    (item,) = page["items"]
    assert page["next_cursor"] is None
    assert item.keys() == {
        "id",
        "conversation_id",
        "message_id",
        "question",
        "asked_at",
        "reason",
        "suggestion",
    }
    assert (item["conversation_id"], item["question"]) == (visitor.conversation_id, QUESTION)
    assert (item["reason"], item["suggestion"]) == ("unknown", None)
    version = (await business.api.get(business.path)).json()["version"]
    answer = await know(business, item["id"], answer="Behind the house.")
    assert (answer.status_code, answer.json()) == (200, {"workspace_version": version + 1, "heading": QUESTION})
    assert (await unanswered(business))["items"] == []
    assert "Behind the house." in await (await system.visitor(business.handle)).ask(QUESTION)
    problem(await know(business, item["id"], answer="Again."), 409, "question_resolved")


async def test_of_ten_who_answer_at_once_one_does(system: System, business: Member) -> None:
    await (await system.visitor(business.handle)).ask(QUESTION)
    (item,) = (await unanswered(business))["items"]
    answers = await asyncio.gather(*(know(business, item["id"], answer=f"Answer {number}.") for number in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    knowledge = (await business.api.get(business.path)).json()["knowledge_base"]
    assert knowledge.count(f"## {QUESTION}") == 1


async def test_what_a_member_wrote_is_the_suggestion(system: System, business: Member) -> None:
    visitor = await system.visitor(business.handle)
    await visitor.ask(QUESTION)
    path = f"/api/v1/conversations/{visitor.conversation_id}"
    (await business.api.post(f"{path}/messages", json={"content": "Behind the house."})).raise_for_status()
    (item,) = (await unanswered(business))["items"]
    assert item["suggestion"] == "Behind the house."


async def test_a_dismissed_question_is_gone(system: System, business: Member) -> None:
    await (await system.visitor(business.handle)).ask(QUESTION)
    (item,) = (await unanswered(business))["items"]
    path = f"{business.path}/unanswered/{item['id']}/dismiss"
    answer = await business.api.post(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await unanswered(business))["items"] == []
    problem(await business.api.post(path), 409, "question_resolved")


async def test_questions_are_paged_and_go_with_their_conversation(system: System, business: Member) -> None:
    visitors = [await system.visitor(business.handle) for _ in range(3)]
    for visitor in visitors:
        await visitor.ask(QUESTION)
    first = await unanswered(business, limit=2)
    second = await unanswered(business, limit=2, cursor=first["next_cursor"])
    shown = [item["conversation_id"] for page in (first, second) for item in page["items"]]
    assert shown == [visitor.conversation_id for visitor in reversed(visitors)]
    (await system.client.delete(visitors[0].path, headers=visitors[0].headers)).raise_for_status()
    assert len((await unanswered(business))["items"]) == 2
    problem(await business.api.get(f"{business.path}/unanswered?cursor=x"), 422, "invalid_cursor")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"answer": " "}, "/answer"), ({"answer": "Yes.", "question": "x" * 8_001}, "/question"), ({}, "/answer")],
)
async def test_an_answer_that_cannot_be_taken_is_refused(
    system: System, business: Member, body: dict[str, Any], pointer: str
) -> None:
    await (await system.visitor(business.handle)).ask(QUESTION)
    (item,) = (await unanswered(business))["items"]
    assert pointers(await know(business, item["id"], **body)) == [pointer]


async def test_a_knowledge_base_that_would_be_too_large_is_refused(system: System, business: Member) -> None:
    await (await system.visitor(business.handle)).ask(QUESTION)
    (item,) = (await unanswered(business))["items"]
    (await business.api.patch(business.path, json={"knowledge_base": "x" * 1_048_576})).raise_for_status()
    assert pointers(await know(business, item["id"], answer="Yes.")) == ["/knowledge_base"]
    assert len((await unanswered(business))["items"]) == 1
