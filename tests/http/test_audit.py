"""What happened in a workspace as a file."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from application.activity.seal_activity import SealActivity
from domain.access import Role
from domain.ids import JobId, new_id
from domain.jobs import Claim
from entrypoints.http.audit import harmless
from tests.http.system import Member, System, pointers, problem


async def seal(system: System) -> None:
    """All that has happened so far has a seal."""
    container: Any = system.container
    job_id = JobId(new_id(container.ports.clock().now()))
    claim = Claim(job_id=job_id, attempt=1, type=SealActivity.type, payload={}, workspace_id=None)
    for _ in range(2):  # the worker may be sealing, too, and be the faster one
        await container.activity().seal_activity()(SealActivity(), claim, MemoryJobProgress())


async def events(member: Member, **query: str) -> list[dict[str, Any]]:
    answer = await member.api.get(f"{member.path}/activity/export", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jsonl")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_each_line_is_an_event_as_the_list_shows_it_with_its_seal(system: System, member: Member) -> None:
    await member.api.post(f"{member.path}/services", json={"name": "Portrait"})
    await seal(system)
    await member.api.post(f"{member.path}/services", json={"name": "Landscape"})
    listed = (await member.api.get(f"{member.path}/activity")).json()["items"]
    exported = await events(member)
    seals = [event.pop("seal") for event in exported]
    assert exported == listed[::-1]
    *sealed, newest = seals
    assert sealed == sorted(sealed)
    assert newest is None or newest > sealed[-1]  # the worker of the instance seals as well, each minute


async def test_the_table_has_a_line_of_names_and_nothing_that_is_computed(system: System, member: Member) -> None:
    await system.sql("update users set name = %s where id = %s", '=HYPERLINK("http://x","y")', member.user.id)
    answer = await member.api.get(f"{member.path}/activity/export", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = f"activity-{member.workspace_id}.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    rows = list(csv.DictReader(StringIO(answer.text)))
    exported = await events(member)
    assert [row["id"] for row in rows] == [str(event["id"]) for event in exported]
    assert [json.loads(row["data"]) for row in rows] == [event["data"] for event in exported]
    assert {row["actor_name"] for row in rows} == {'\'=HYPERLINK("http://x","y")'}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_compute_is_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_other_texts_stay_as_they_are() -> None:
    assert [harmless(text) for text in ("", "Ada = Grace", "{}", "1-2")] == ["", "Ada = Grace", "{}", "1-2"]


async def test_events_are_chosen_by_type_and_time(member: Member) -> None:
    for name in ("One", "Two"):
        await member.api.post(f"{member.path}/services", json={"name": name})
    first, second = await events(member, type="service.created")
    assert [event["data"]["name"] for event in (first, second)] == ["One", "Two"]
    assert await events(member, type="service", since=second["at"]) == [second]
    assert await events(member, type="service", until=second["at"]) == [first]
    assert await events(member, type="nothing") == []


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"format": "xls"}, {"until": "2026-13-01T00:00:00Z"}])
async def test_a_wrong_parameter_is_refused(member: Member, query: dict[str, str]) -> None:
    answer = await member.api.get(f"{member.path}/activity/export", params=query)
    assert len(pointers(answer)) == 1


async def test_a_time_without_an_offset_is_refused(member: Member) -> None:
    answer = await member.api.get(f"{member.path}/activity/export", params={"since": "2026-09-01T00:00:00"})
    assert "with its offset" in problem(answer, 422, "invalid")["detail"]


async def test_more_than_a_piece_is_exported_whole(system: System, member: Member) -> None:
    await system.sql(
        "insert into activity select workspace_id, number + n, type, actor_type, actor_id, subject_type, subject_id,"
        " at, causation_id, data from activity, generate_series(1000, 2200) n where workspace_id = %s and number = 1",
        member.workspace_id,
    )
    await system.sql("update activity_heads set number = 5000 where workspace_id = %s", member.workspace_id)
    assert len(await events(member, type="workspace.created")) == 1202


async def test_only_owners_export(system: System, member: Member) -> None:
    admin = await system.joined(member.workspace_id, Role.ADMIN)
    answer = await admin.api.get(f"{member.path}/activity/export")
    assert "audit:read" in problem(answer, 403, "forbidden")["detail"]


async def test_a_changed_connector_is_told_with_what_it_was_and_is_and_no_secret(member: Member) -> None:
    config = {"url": "https://calendly.com/me/one"}
    made = await member.api.post(f"{member.path}/connectors", json={"type": "calendly", "config": config})
    for change in (
        {"url": "https://calendly.com/me/two"},
        {"api_token": "unspeakable"},
        {"api_token": "unspeakable, too"},
        {"api_token": None},
    ):
        answer = await member.api.patch(made.headers["location"], json={"config": change})
        answer.raise_for_status()
    moved, *secret = [event["data"] for event in await events(member, type="connector.edited")]
    assert moved["before"] == {"url": "https://calendly.com/me/one"}
    assert (moved["after"], moved["secrets"]) == ({"url": "https://calendly.com/me/two"}, {})
    assert [data["secrets"] for data in secret] == [{"api_token": done} for done in ("set", "changed", "removed")]
    assert [data["before"] | data["after"] for data in secret] == [{}, {}, {}]


async def test_a_changed_webhook_is_told_without_its_address(member: Member) -> None:
    for webhook in (
        {"url": "https://desk.example.com/unspeakable"},
        {"url": "https://desk.example.com/other", "active": False},
        {"url": "https://desk.example.com/other", "active": True},
    ):
        (await member.api.put(f"{member.path}/webhook", json=webhook)).raise_for_status()
    told = [event["data"] for event in await events(member, type="webhook.edited")]
    assert [(data["before"], data["after"], data["secrets"]) for data in told] == [
        ({"active": True}, {"active": False}, {"url": "changed"}),
        ({"active": False}, {"active": True}, {}),
    ]


async def test_a_new_key_is_told_with_what_it_opens_and_until_when(member: Member) -> None:
    key = {"name": "robot", "permissions": ["service:read"], "expires_at": "2099-01-01T00:00:00Z"}
    made = (await member.api.post(f"{member.path}/api-keys", json=key)).json()
    (told,) = [event["data"] for event in await events(member, type="key") if event["data"]["name"] == "robot"]
    assert {name: told[name] for name in key} == key
    assert made["token"] not in str(told)
