"""A conversation changes hands while its visitor speaks: the assistant is silent from then on, or answers once."""

import asyncio
from typing import Any

import pytest

from tests.http.system import Member, System, Visitor


@pytest.fixture
async def visitor(system: System, member: Member) -> Visitor:
    return await system.visitor(member.handle)


async def ended(system: System, visitor: Visitor) -> None:
    """Waits until no reply is being made."""
    active = "select 1 from runs where conversation_id = %s and ended_at is null"
    async with asyncio.timeout(20):
        while await system.sql(active, visitor.conversation_id):  # noqa: ASYNC110 (nothing of ours tells it to a test)
            await asyncio.sleep(0.02)


async def types(member: Member) -> list[str]:
    """What happened in the workspace, oldest first."""
    page: dict[str, Any] = (await member.api.get(f"{member.path}/activity", params={"limit": 100})).json()
    return [event["type"] for event in reversed(page["items"])]


@pytest.mark.parametrize("before", range(5))
async def test_no_reply_begins_once_somebody_has_taken_over_whatever_the_visitor_says_meanwhile(
    system: System, member: Member, visitor: Visitor, before: int
) -> None:
    async def take_over() -> None:
        for _ in range(before):
            await asyncio.sleep(0)
        (await member.api.post(f"/api/v1/conversations/{visitor.conversation_id}/takeover")).raise_for_status()

    *said, _ = await asyncio.gather(*(visitor.say(f"Question {number}?") for number in range(5)), take_over())
    await ended(system, visitor)
    happened = await types(member)
    assert {answer.status_code for answer in said if answer is not None} == {201}
    assert "run.started" not in happened[happened.index("conversation.taken_over") :]


async def test_of_ten_who_hand_back_at_once_one_has_the_question_answered(
    system: System, member: Member, visitor: Visitor
) -> None:
    path = f"/api/v1/conversations/{visitor.conversation_id}"
    (await member.api.post(f"{path}/takeover")).raise_for_status()
    await visitor.say("When are you open?")
    answers = await asyncio.gather(*(member.api.post(f"{path}/handback") for _ in range(10)))
    await ended(system, visitor)

    assert {(answer.status_code, answer.json()["handled_by"]) for answer in answers} == {(200, "assistant")}
    assert [message["role"] for message in (await visitor.messages())["items"]] == ["visitor", "assistant"]
    happened = await types(member)
    assert (happened.count("conversation.handed_back"), happened.count("run.retried")) == (1, 1)
