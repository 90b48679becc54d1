"""What looks after memories, over HTTP: pruning, the audit, the standing profile."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from application.memories.prune_memories import PruneMemories
from domain.access import Role
from domain.jobs import Job
from tests.http.system import Member, System, problem

API = "/api/v1"


async def a_memory(member: Member, content: str, path: str | None = None, **fields: Any) -> str:
    """The id of a new memory."""
    answer = await member.api.post(f"{path or member.path}/memories", json={"content": content, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def asked(member: Member, what: str, path: str | None = None) -> dict[str, Any]:
    answer = await member.api.get(f"{path or member.path}/memories/{what}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def profile(member: Member, wanted: Callable[[dict[str, Any]], bool], path: str | None = None) -> dict[str, Any]:
    """The profile, once it is as wanted."""
    async with asyncio.timeout(20):
        while not wanted(view := await asked(member, "profile", path)):  # noqa: ASYNC110 (another process builds it)
            await asyncio.sleep(0.05)
    return view


def texts(lines: list[dict[str, Any]]) -> list[str]:
    return [line["text"] for line in lines]


async def prune(system: System) -> str:
    """The scheduled job runs now, once; what it told at the end."""
    now = system.container.ports.clock().now()
    async with system.container.ports.begin()() as work:
        await work.jobs.add(Job.of(PruneMemories(), now))  # without effect while the scheduled one waits
        await work.commit(None)
    await system.sql("update jobs set run_at = now() where type = %s and status = 'queued'", PruneMemories.type)
    done = "select note from jobs where type = %s and status = 'succeeded' and started_at >= %s"
    async with asyncio.timeout(20):
        while not (found := await system.sql(done, PruneMemories.type, now)):  # noqa: ASYNC110 (another process tells it)
            await asyncio.sleep(0.05)
    return str(found[0][0])


async def test_task_memories_are_pruned_when_their_time_is_over_and_can_be_restored(
    system: System, member: Member
) -> None:
    task = await a_memory(member, "Buy paint.", tier="task")
    pinned = await a_memory(member, "Never forget the boat.", tier="task", pinned=True)
    personal = await a_memory(member, "Likes tea.")
    await system.sql(
        "update memories set created_at = now() - interval '31 days', expires_at = case when tier = 'task' and"
        " not pinned then now() - interval '1 day' end where workspace_id = %s",
        member.workspace_id,
    )
    note = await prune(system)
    assert "expired" in note

    gone = (await member.api.get(f"{API}/memories/{task}")).json()
    assert gone["deleted_at"] is not None
    listed = (await member.api.get(f"{member.path}/memories")).json()["items"]
    assert {each["id"] for each in listed} == {pinned, personal}
    (event,) = (await member.api.get(f"{member.path}/activity", params={"type": "memory.pruned"})).json()["items"]
    assert (event["actor"]["type"], event["subject"]["id"]) == ("system", task)
    assert (event["data"]["reason"], event["data"]["tier"]) == ("expired", "task")
    found = await member.api.post(f"{member.path}/search", json={"query": "paint", "kinds": ["memory"]})
    assert task not in {each["id"] for each in found.json()["items"]}

    restored = (await member.api.post(f"{API}/memories/{task}/undo")).json()
    assert (restored["deleted_at"], restored["content"]) == (None, "Buy paint.")
    await prune(system)
    assert (await member.api.get(f"{API}/memories/{task}")).json()["deleted_at"] is None


async def test_who_prunes_and_who_changes_how_long_memories_are_kept_do_not_stop_each_other(
    system: System, member: Member
) -> None:
    for number in range(6):
        await a_memory(member, f"Task {number}: {uuid4().hex}", tier="task")
    await system.sql(
        "update memories set created_at = now() - interval '100 days', expires_at = now() - interval '70 days'"
        " where workspace_id = %s",
        member.workspace_id,
    )

    async def prune_now() -> int:
        pruner = system.container.memories().prune_memories()
        batches = [batch async for batch in pruner.pruned()]
        return sum(str(each.workspace_id) == member.workspace_id for batch in batches for each in batch)

    async def keep(days: int) -> int:
        body = {"project_days": None, "task_days": days}
        return (await member.api.put(f"{member.path}/retention", json=body)).status_code

    *statuses, one, other = await asyncio.gather(keep(20), keep(25), keep(30), prune_now(), prune_now())
    assert statuses == [200, 200, 200]
    assert one + other == 6
    told = await member.api.get(f"{member.path}/activity", params={"type": "memory.pruned"})
    assert len(told.json()["items"]) == 6


async def test_what_was_deleted_31_days_ago_is_gone_for_good(system: System, member: Member) -> None:
    secret = uuid4().hex
    old, young = await a_memory(member, f"Owes {secret}."), await a_memory(member, "Likes tea.")
    for memory_id in (old, young):
        (await member.api.delete(f"{API}/memories/{memory_id}")).raise_for_status()
    await system.sql("update memories set deleted_at = now() - interval '31 days' where id = %s", old)
    await prune(system)
    problem(await member.api.get(f"{API}/memories/{old}"), 404, "not_found")
    problem(await member.api.post(f"{API}/memories/{old}/undo"), 404, "not_found")
    assert await system.holders_of(secret) == []
    assert (await member.api.post(f"{API}/memories/{young}/undo")).status_code == 200


async def test_the_audit_tells_what_to_tidy_up_and_changes_nothing(system: System, member: Member) -> None:
    said = await a_memory(member, "Her sister Anna lives in the old town of Brno.")
    again = await a_memory(member, "Her sister Anna lives in the old town of Brno, too.")
    echo = await a_memory(member, "Anna lives in Brno.")
    task = await a_memory(member, "Buy paint.", tier="task")
    await system.sql("update memories set source_type = 'run', source_id = id where id = %s", echo)
    await system.sql("update memories set expires_at = now() + interval '6 days' where id = %s", task)
    await system.sql("update memories set created_at = now() - interval '31 days' where id = %s", said)
    head = len((await member.api.get(f"{member.path}/activity", params={"limit": 100})).json()["items"])

    found = await asked(member, "audit")
    assert [(each["memory"]["id"], each["of"]["id"]) for each in found["duplicates"]] == [(again, said)]
    assert found["duplicates"][0]["likeness"] >= 0.8
    assert [(each["memory"]["id"], each["of"]["id"]) for each in found["echoes"]] == [(echo, said)]
    assert [each["id"] for each in found["never_recalled"]] == [said]
    assert [(each["id"], each["excerpt"]) for each in found["expiring"]] == [(task, "Buy paint.")]
    assert found["compared"] == 4
    after = (await member.api.get(f"{member.path}/activity", params={"limit": 100})).json()["items"]
    assert len(after) == head


async def test_the_profile_follows_its_owners_memories_and_is_nobody_elses(system: System, member: Member) -> None:
    colleague = await system.joined(member.workspace_id, Role.ADMIN)
    assert await asked(member, "profile") == {"stable": [], "recent": [], "updated_at": None}
    tea = await a_memory(member, "Likes green tea.", shared=True)
    boat = await a_memory(member, "Paints boats for a living.", pinned=True)
    await a_memory(member, "Buy paint.", tier="task")
    view = await profile(member, lambda view: len(view["stable"]) + len(view["recent"]) == 3)
    assert texts(view["stable"]) == ["Paints boats for a living.", "Likes green tea."]
    assert texts(view["recent"]) == ["Buy paint."]
    assert [line["memory_id"] for line in view["stable"]] == [boat, tea]
    assert view["updated_at"] is not None
    assert await asked(colleague, "profile", member.path) == {"stable": [], "recent": [], "updated_at": None}

    (await member.api.delete(f"{API}/memories/{tea}")).raise_for_status()
    assert texts((await asked(member, "profile"))["stable"]) == ["Paints boats for a living."]
    (await member.api.patch(f"{API}/memories/{boat}", json={"content": "Builds ships."})).raise_for_status()
    assert texts((await asked(member, "profile"))["stable"]) == ["Builds ships."]
    (await member.api.post(f"{API}/memories/{tea}/undo")).raise_for_status()
    await profile(member, lambda view: texts(view["stable"]) == ["Builds ships.", "Likes green tea."])


async def test_a_profile_of_many_memories_is_short(member: Member) -> None:
    for number in range(12):
        await a_memory(member, f"{number} {uuid4().hex} " * 6)
    view = await profile(member, lambda view: len(view["stable"]) >= 4 and len(view["recent"]) >= 1)
    shown = texts([*view["stable"], *view["recent"]])
    assert sum(map(len, shown)) <= 1_200
    assert len(set(shown)) == len(shown)


async def test_what_is_forgotten_for_good_is_nowhere(system: System, member: Member) -> None:
    secret = uuid4().hex
    memory_id = await a_memory(member, f"Owes {secret}.")
    await profile(member, lambda view: bool(view["stable"]))
    (await member.api.delete(f"{API}/memories/{memory_id}", params={"forever": True})).raise_for_status()
    assert (await asked(member, "profile"))["stable"] == []
    assert await system.holders_of(secret) == []
