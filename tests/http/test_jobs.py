import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from application.ports.language_model import TextDelta
from tests.http.stage import END
from tests.http.system import Event, Member, System, Visitor, events_of, problem

FIELDS = set(
    "id type status progress note attempts max_attempts run_at started_at ended_at error result subject".split()
)


@pytest.fixture
async def visitor(system: System, member: Member) -> Visitor:
    return await system.visitor(member.handle)


async def test_a_reply_is_a_job_of_its_workspace(member: Member, visitor: Visitor) -> None:
    run = (await visitor.say("Hello")).json()["run"]
    await visitor.replies()
    (job,) = await _jobs(member)
    assert set(job) >= FIELDS
    assert (job["type"], job["status"], job["attempts"]) == ("generate_reply", "succeeded", 1)
    assert job["subject"] == {"type": "run", "id": run["id"]}
    assert job["started_at"] <= job["ended_at"]
    assert (await member.api.get(f"/api/v1/jobs/{job['id']}")).json() == job


async def test_jobs_are_listed_newest_first_by_status_and_type(
    system: System, member: Member, visitor: Visitor
) -> None:
    for _ in range(3):
        await visitor.ask("Hello")
    held = system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    jobs = await _jobs(member)
    assert [job["status"] for job in jobs] == ["running", *["succeeded"] * 3]
    assert await _jobs(member, status="succeeded") == jobs[1:]
    assert await _jobs(member, status="dead") == []
    assert await _jobs(member, type="generate_reply", status="running") == jobs[:1]
    assert await _jobs(member, type="tidy_up") == []
    replies: dict[str, str | int] = {"type": "generate_reply", "limit": 3}
    page = (await member.api.get(f"{member.path}/jobs", params=replies)).json()
    rest = await member.api.get(f"{member.path}/jobs", params=replies | {"cursor": page["next_cursor"]})
    assert [*page["items"], *rest.json()["items"]] == jobs
    assert rest.json()["next_cursor"] is None
    problem(await member.api.get(f"{member.path}/jobs", params={"status": "lost"}), 422, "invalid")
    problem(await member.api.get(f"{member.path}/jobs", params={"cursor": "lost"}), 422, "invalid_cursor")
    held.go.set()
    await visitor.replies()


async def test_a_running_job_is_told_to_stop(system: System, member: Member, visitor: Visitor) -> None:
    held = system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    (job,) = await _jobs(member)
    answer = await member.api.post(f"/api/v1/jobs/{job['id']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    assert (await visitor.replies())[-1].name == "cancelled"
    assert await _ended(member, job["id"]) == "cancelled"
    problem(await member.api.post(f"/api/v1/jobs/{job['id']}/cancel"), 409, "job_ended")


async def test_a_waiting_job_is_cancelled_at_once_with_the_reply_it_was_to_make(
    system: System, member: Member, visitor: Visitor
) -> None:
    held = system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    await visitor.say("Are you there?")
    job = (await _jobs(member))[0]
    answer = await member.api.post(f"/api/v1/jobs/{job['id']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    held.go.set()
    assert (await visitor.replies())[-1].name == "cancelled"


async def test_only_a_dead_or_cancelled_job_is_replayed(system: System, member: Member, visitor: Visitor) -> None:
    held = system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    (job,) = await _jobs(member)
    replay = f"/api/v1/jobs/{job['id']}/replay"
    problem(await member.api.post(replay), 409, "job_not_replayable")
    held.go.set()
    await visitor.replies()
    assert await _ended(member, job["id"]) == "succeeded"
    problem(await member.api.post(replay), 409, "job_not_replayable")


async def test_a_cancelled_job_that_is_replayed_answers_anew(system: System, member: Member, visitor: Visitor) -> None:
    question, never = f"What about {uuid4()}?", asyncio.Event()
    system.model.stage(question, [TextDelta("Half a "), never, END], [TextDelta("Whole reply."), END])
    await visitor.say(question)
    await visitor.writing()
    (job,) = await _jobs(member)
    await member.api.post(f"/api/v1/jobs/{job['id']}/cancel")
    assert await _ended(member, job["id"]) == "cancelled"
    answer = await member.api.post(f"/api/v1/jobs/{job['id']}/replay")
    assert (answer.status_code, answer.json()["status"], answer.json()["ended_at"]) == (200, "queued", None)
    assert await _ended(member, job["id"]) == "succeeded"
    assert (await member.api.get(f"/api/v1/jobs/{job['id']}")).json()["attempts"] == 2
    assert (await visitor.replies())[-1].data["full_text"] == "Whole reply."
    said = [(message["content"], message["status"]) for message in (await visitor.messages())["items"]]
    assert said == [(question, "complete"), ("Half a ", "partial"), ("Whole reply.", "complete")]


async def test_a_job_is_followed_until_it_ends(system: System, member: Member, visitor: Visitor) -> None:
    held = system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    (job,) = await _jobs(member)
    seen: list[Event] = []
    async with asyncio.timeout(20), member.api.stream("GET", f"/api/v1/jobs/{job['id']}/stream") as answer:
        async for event in events_of(answer):
            seen.append(event)
            held.go.set()
    assert {event.name for event in seen} == {"job"}
    assert [seen[0].data["status"], seen[-1].data["status"]] == ["running", "succeeded"]
    assert seen[-1].data == (await member.api.get(f"/api/v1/jobs/{job['id']}")).json()


async def test_jobs_of_the_system_are_nobodys(system: System, member: Member) -> None:
    identifier = uuid4()
    await system.sql(
        "insert into jobs (id, type, payload, status, progress, attempt, failures, max_attempts, run_at, cancel_asked,"
        " created_at, ended_at) values (%s, 'tidy_up', '{}', 'dead', 0, 5, 5, 5, now(), false, now(), now())",
        identifier,
    )
    for api in (member.api, system.owner):
        for answer in (
            await api.get(f"/api/v1/jobs/{identifier}"),
            await api.get(f"/api/v1/jobs/{identifier}/stream"),
            await api.post(f"/api/v1/jobs/{identifier}/replay"),
            await api.post(f"/api/v1/jobs/{identifier}/cancel"),
        ):
            problem(answer, 404, "not_found")


async def test_a_job_says_nothing_of_what_a_visitor_wrote(member: Member, visitor: Visitor) -> None:
    mark = f"planted-{uuid4().hex}"
    await visitor.ask(f"Is {mark} yours?")
    assert mark not in json.dumps(await _jobs(member))


async def _jobs(member: Member, **query: str) -> list[dict[str, Any]]:
    """The workspace's jobs, without the one that may come each minute when what visitors said is indexed."""
    answer = await member.api.get(f"{member.path}/jobs", params=query)
    answer.raise_for_status()
    return [job for job in answer.json()["items"] if job["type"] != "embed_passages"]


async def _ended(member: Member, job_id: str) -> str:
    """How the job ended, once it has."""
    last: Event | None = None
    async with asyncio.timeout(20), member.api.stream("GET", f"/api/v1/jobs/{job_id}/stream") as answer:
        async for event in events_of(answer):
            last = event
    assert last is not None
    return str(last.data["status"])
