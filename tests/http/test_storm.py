"""Everything at once in one workspace: whatever the order, all ends well."""

import asyncio
import random
from collections import Counter

import httpx
import pytest

from tests.http.system import Member, System, Visitor

VISITORS = 12
ACTS = 14


@pytest.mark.parametrize("seed", range(3))
async def test_visitors_and_owners_at_once_leave_nothing_undone(system: System, member: Member, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (a repeatable play)
    visitors = [await system.visitor(member.handle) for _ in range(VISITORS)]
    acts = [_visit(system, visitor, random.Random(chance.random())) for visitor in visitors]  # noqa: S311 (the same)
    seen = Counter(status for statuses in await asyncio.gather(*acts, _own(member)) for status in statuses)
    assert set(seen) <= {200, 201, 202, 204, 404, 409}, seen
    async with asyncio.timeout(30):
        while await system.sql(  # noqa: ASYNC110 (nothing of ours tells it to a test)
            "select 1 from jobs where workspace_id = %s and ended_at is null", member.workspace_id
        ):
            await asyncio.sleep(0.05)
    undone = await system.sql(
        "select id, status from runs where workspace_id = %s and ended_at is null", member.workspace_id
    )
    assert undone == []
    dead = await system.sql("select error from jobs where workspace_id = %s and status = 'dead'", member.workspace_id)
    assert dead == []
    numbered = await system.sql(
        "select count(*), max(number), min(number) from activity where workspace_id = %s", member.workspace_id
    )
    count, highest, lowest = numbered[0]
    assert (highest, lowest) == (count, 1)
    for visitor in visitors:
        await _consistent(system, visitor)


async def _visit(system: System, visitor: Visitor, chance: random.Random) -> list[int]:
    statuses: list[int] = []
    runs: list[str] = []
    for _ in range(ACTS):
        match chance.choice(["say", "say", "say", "interrupt", "reject", "cancel", "cancel both", "look", "erase"]):
            case "cancel" | "cancel both" as act if runs:
                answers = await asyncio.gather(
                    *(_cancel(system, visitor, run) for run in (runs[-2:] if act == "cancel both" else runs[-1:]))
                )
            case "look":
                path = f"{visitor.path}/messages"
                answers = [await system.client.get(path, headers=visitor.headers)]
            case "erase" if chance.random() < 0.2:
                answers = [await system.client.delete(visitor.path, headers=visitor.headers)]
            case "interrupt" | "reject" as act:
                answers = [await visitor.say("When are you open?", if_busy=act)]
            case _:
                answers = [await visitor.say("I would like to book an appointment.")]
        statuses += [answer.status_code for answer in answers]
        runs += [answer.json()["run"]["id"] for answer in answers if answer.status_code == 201]
    return statuses


async def _own(member: Member) -> list[int]:
    answers: list[httpx.Response] = []
    for number in range(ACTS):
        answers.append(await member.api.patch(member.path, json={"knowledge_base": f"We are open at {number}."}))
        answers.append(await member.api.post(f"{member.path}/services", json={"name": f"S{number}"}))
        jobs = (await member.api.get(f"{member.path}/jobs", params={"limit": 3})).json()["items"]
        answers += await asyncio.gather(*(member.api.post(f"/api/v1/jobs/{job['id']}/cancel") for job in jobs))
        answers += await asyncio.gather(*(member.api.post(f"/api/v1/jobs/{job['id']}/replay") for job in jobs[:1]))
    return [answer.status_code for answer in answers]


async def _cancel(system: System, visitor: Visitor, run_id: str) -> httpx.Response:
    return await system.client.post(f"{visitor.path}/runs/{run_id}/cancel", headers=visitor.headers)


async def _consistent(system: System, visitor: Visitor) -> None:
    """What was said stands in its order without gaps, and the stream tells the same text as the messages."""
    answer = await system.client.get(f"{visitor.path}/messages", params={"limit": 100}, headers=visitor.headers)
    if answer.status_code == 404:
        return
    messages = answer.json()["items"]
    assert [message["position"] for message in messages] == list(range(1, len(messages) + 1))
    if messages:
        end = (await visitor.replies())[-1]
        kept = {message["id"]: message["content"] for message in messages}
        assert end.name in {"message_end", "cancelled"}
        assert kept.get(end.data["message_id"], "") == end.data["full_text"]
