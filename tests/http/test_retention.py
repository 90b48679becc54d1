"""How long conversations are kept."""

import asyncio
from uuid import uuid4

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from application.conversations.enforce_retention import EnforceRetention
from domain.ids import JobId
from domain.jobs import Claim
from tests.http.system import Member, System, Visitor, pointers, problem

API = "/api/v1"


async def test_a_workspace_keeps_for_ever_until_it_says_otherwise(member: Member) -> None:
    view = (await member.api.get(member.path)).json()
    assert view["retention"] == {"close_idle_days": None, "erase_closed_days": None}
    edited = await member.api.patch(member.path, json={"retention": {"close_idle_days": 14}})
    assert edited.json()["retention"] == {"close_idle_days": 14, "erase_closed_days": None}
    edited = await member.api.patch(member.path, json={"retention": {"close_idle_days": None, "erase_closed_days": 1}})
    assert edited.json()["retention"] == {"close_idle_days": None, "erase_closed_days": 1}
    assert (await member.api.get(member.path)).json()["retention"] == edited.json()["retention"]


@pytest.mark.parametrize("days", [0, 3_651, -1, 10**30, 1.5, "7"])
async def test_days_that_cannot_be_are_refused(member: Member, days: object) -> None:
    answer = await member.api.patch(member.path, json={"retention": {"erase_closed_days": days}})
    assert pointers(answer) == ["/retention/erase_closed_days"]


async def test_idle_conversations_are_closed_and_closed_ones_erased(system: System, member: Member) -> None:
    retention = {"close_idle_days": 3, "erase_closed_days": 30}
    (await member.api.patch(member.path, json={"retention": retention})).raise_for_status()
    idle, old, fresh = [await system.visitor(member.handle) for _ in range(3)]
    for visitor in (idle, old, fresh):
        await visitor.ask("Hello")
    (await member.api.patch(f"{API}/conversations/{old.conversation_id}", json={"status": "closed"})).raise_for_status()
    await system.sql(
        "update conversations set updated_at = now() - interval '4 days' where id = %s", idle.conversation_id
    )
    await system.sql(
        "update conversations set closed_at = now() - interval '31 days' where id = %s", old.conversation_id
    )
    await system.run_now(EnforceRetention())

    statuses = [await _status(member, visitor) for visitor in (idle, old, fresh)]
    assert statuses == ["closed", None, "open"]
    for table in ("messages", "runs", "credentials", "conversations"):
        column = "id" if table == "conversations" else "conversation_id"
        left = f"select 1 from {table} where {column} = %s"  # noqa: S608 (names of our own)
        assert await system.sql(left, old.conversation_id) == []
    events = (await member.api.get(f"{member.path}/activity", params={"limit": 100})).json()["items"]
    system_events = [
        (event["type"], event["subject"]["id"], event["data"].get("reason") or event["data"].get("status"))
        for event in events
        if event["actor"]["type"] == "system"
    ]
    assert sorted(system_events) == [
        ("conversation.edited", idle.conversation_id, "closed"),
        ("conversation.erased", old.conversation_id, "retention"),
    ]


async def test_who_writes_while_idle_conversations_are_closed_is_taken_or_refused_and_never_lost(
    system: System, member: Member
) -> None:
    (await member.api.patch(member.path, json={"retention": {"close_idle_days": 3}})).raise_for_status()
    visitors = [await system.visitor(member.handle) for _ in range(12)]
    await system.sql(
        "update conversations set updated_at = now() - interval '4 days' where workspace_id = %s", member.workspace_id
    )
    claim = await _claim(system)
    enforce = system.container.conversations().enforce_retention()
    answers, _ = await asyncio.gather(
        asyncio.gather(*(visitor.say("Still there?") for visitor in visitors)),
        enforce(EnforceRetention(), claim, MemoryJobProgress()),
    )
    await system.sql("delete from jobs where id = %s", claim.job_id)
    for visitor, answer in zip(visitors, answers, strict=True):
        open_, said = await _status(member, visitor) == "open", bool((await visitor.messages())["items"])
        assert (open_, said) == ((True, True) if answer.status_code == 201 else (False, False))
        if answer.status_code != 201:
            problem(answer, 409, "conversation_closed")


async def _claim(system: System) -> Claim:
    """A job of its own in the hands of the test."""
    claim = Claim(job_id=JobId(uuid4()), attempt=1, type="enforce_retention", payload={}, workspace_id=None)
    await system.sql(
        "insert into jobs (id, type, payload, status, progress, attempt, failures, max_attempts, run_at, lease_until,"
        " cancel_asked, created_at, started_at) values (%s, %s, '{}', 'running', 0, 1, 0, 5, now(),"
        " now() + interval '1 hour', false, now(), now())",
        claim.job_id,
        claim.type,
    )
    return claim


async def _status(member: Member, visitor: Visitor) -> str | None:
    answer = await member.api.get(f"{API}/conversations/{visitor.conversation_id}")
    return None if answer.status_code == 404 else str(answer.json()["status"])
