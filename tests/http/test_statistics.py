from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.http.system import Member, System, pointers


async def stats(member: Member, name: str | None = None) -> dict[str, Any]:
    query = {} if name is None else {"range": name}
    answer = await member.api.get(f"{member.path}/conversations/stats", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_what_happened_today_is_told_in_the_range_and_on_its_day(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("Hello")
    reply = (await visitor.messages())["items"][-1]
    feedback = f"{visitor.path}/messages/{reply['id']}/feedback"
    for value in ("down", "up"):
        (await system.client.post(feedback, json={"value": value}, headers=visitor.headers)).raise_for_status()
    told = await stats(member)
    assert told.keys() == {"range", "totals", "days"}
    today = datetime.now(UTC).date()
    assert told["range"] == {"from": str(today - timedelta(days=6)), "to": str(today), "timezone": "UTC"}
    totals, last = told["totals"], told["days"][-1]
    assert totals["messages"] == {"visitor": 1, "member": 0, "assistant": 1}
    assert totals["feedback"] == {"up": 1, "down": 0}
    assert totals["conversations"] == 1
    assert totals["questions"]["answered"] + totals["questions"]["unanswered"] == 1
    assert totals["assistant_responses"]["count"] == 1
    assert 0 < totals["assistant_responses"]["median_seconds"] <= totals["assistant_responses"]["p90_seconds"]
    assert totals["member_responses"] == {"median_seconds": None, "p90_seconds": None, "count": 0}
    assert last["date"] == str(today)
    assert {name: value for name, value in last.items() if name != "date"} == totals
    assert [day["messages"]["visitor"] for day in told["days"]] == [0] * 6 + [1]


async def test_every_day_of_a_range_is_there(member: Member) -> None:
    told = await stats(member, "2026-02-27..2026-03-02")
    assert told["range"] == {"from": "2026-02-27", "to": "2026-03-02", "timezone": "UTC"}
    assert [day["date"] for day in told["days"]] == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
    assert len((await stats(member, "365d"))["days"]) == 365


async def test_days_are_those_of_the_workspaces_time_zone(member: Member) -> None:
    (await member.api.patch(member.path, json={"timezone": "Pacific/Kiritimati"})).raise_for_status()
    told = await stats(member, "today")
    assert told["range"]["timezone"] == "Pacific/Kiritimati"
    there = (datetime.now(UTC) + timedelta(hours=14)).date()
    assert there - date.fromisoformat(told["range"]["from"]) <= timedelta(days=1)


async def test_statistics_outlive_an_erasure(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("Hello")
    before = await stats(member, "today")
    (await system.client.delete(visitor.path, headers=visitor.headers)).raise_for_status()
    assert await stats(member, "today") == before


@pytest.mark.parametrize("name", ["", "8d", "2026-03-02..2026-03-01", "2024-01-01..2026-01-01", "x" * 51])
async def test_a_range_that_is_none_is_refused_by_its_name(member: Member, name: str) -> None:
    answer = await member.api.get(f"{member.path}/conversations/stats", params={"range": name})
    assert pointers(answer) == ["/range" if len(name) <= 50 else "/query/range"]


async def test_minutes_are_saved_as_the_workspace_reckons(system: System, member: Member) -> None:
    body = {"savings": {"minutes_per_answer": 7}, "knowledge_base": "# Prices\n\nA portrait costs 120 EUR."}
    patched = (await member.api.patch(member.path, json=body)).json()
    assert patched["savings"] == {"minutes_per_answer": 7, "minutes_per_booking": 5}
    visitor = await system.visitor(member.handle)
    await visitor.ask("What does a portrait cost?")
    await visitor.ask("Do you have parking?")
    totals = (await stats(member))["totals"]
    assert (totals["minutes_saved"], totals["questions"]) == (7, {"answered": 1, "unanswered": 1})
    conversation = await member.api.get(f"/api/v1/conversations/{visitor.conversation_id}")
    assert conversation.json()["minutes_saved"] == 7
    restored = await member.api.patch(member.path, json={"savings": {"minutes_per_answer": None}})
    assert restored.json()["savings"]["minutes_per_answer"] == 3
    refused = await member.api.patch(member.path, json={"savings": {"minutes_per_answer": 481}})
    assert pointers(refused) == ["/savings/minutes_per_answer"]
