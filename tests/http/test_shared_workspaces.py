import asyncio

from domain.access import Role
from tests.http.system import Member, System, pointers, problem
from tests.http.test_members import ended, open_stream, shared


async def test_a_workspace_is_made_listed_and_found(member: Member) -> None:
    made = await member.api.post("/api/v1/workspaces", json={"name": "Harbour Studio", "handle": None})
    workspace = made.json()
    path = f"/api/v1/workspaces/{workspace['id']}"
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, path, '"1"')
    assert (workspace["personal"], workspace["handle"].startswith("harbour-studio")) == (False, True)
    assert (await member.api.get(path)).json() == workspace
    page = (await member.api.get("/api/v1/workspaces", params={"limit": 1})).json()
    rest = (await member.api.get("/api/v1/workspaces", params={"cursor": page["next_cursor"]})).json()
    first, last = page["items"] + rest["items"]
    assert (first["id"], last["id"]) == (workspace["id"], member.workspace_id)
    assert {**first, "knowledge_base": ""} == {**workspace, "role": "owner", "joined_at": workspace["created_at"]}
    assert (await member.api.get("/api/v1/workspaces/me")).json()["id"] == member.workspace_id


async def test_a_handle_belongs_to_one_workspace(member: Member) -> None:
    first = await shared(member)
    body = {"name": "Another", "handle": first["handle"]}
    problem(await member.api.post("/api/v1/workspaces", json=body), 409, "handle_taken")
    assert pointers(await member.api.post("/api/v1/workspaces", json={"name": "A", "handle": "no handle"})) == [
        "/handle"
    ]
    made = await asyncio.gather(*(shared(member, "Sunday Market") for _ in range(5)))
    assert len({workspace["handle"] for workspace in made}) == 5


async def test_a_workspace_is_deleted_by_its_handle_and_only_what_happened_and_its_jobs_stay(
    system: System, member: Member
) -> None:
    workspace = await shared(member)
    path = f"/api/v1/workspaces/{workspace['id']}"
    admin = await system.joined(workspace["id"], Role.ADMIN)
    (await member.api.post(f"{path}/services", json={"name": "Portrait"})).raise_for_status()
    (await member.api.patch(path, json={"knowledge_base": "# Prices\n\n120 €"})).raise_for_status()
    (await member.api.put(f"{path}/webhook", json={"url": "http://127.0.0.1:9/hook"})).raise_for_status()
    key = await member.api.post(f"{path}/api-keys", json={"name": "robot", "permissions": ["job:read"]})
    visitor = await system.visitor(workspace["handle"])
    await visitor.ask("Hello")
    held = system.model.hold()
    await visitor.say(held.question)
    await visitor.writing()
    await visitor.say("And another?")
    head = (await member.api.get(f"{path}/activity")).json()["items"][0]["id"]

    assert pointers(await member.api.delete(path, params={"confirm": "another"})) == ["/confirm"]
    assert pointers(await member.api.delete(path)) == ["/confirm"]
    problem(await admin.api.delete(path, params={"confirm": workspace["handle"]}), 403, "forbidden")
    async with (
        open_stream(admin.api, f"{path}/activity/stream") as activity,
        open_stream(admin.api, f"/api/v1/conversations/{visitor.conversation_id}/stream?follow=true") as conversation,
    ):
        gone = await member.api.delete(path, params={"confirm": workspace["handle"]})
        assert gone.status_code == 204, gone.text
        await asyncio.gather(ended(activity), ended(conversation))

    for client in (member.api, admin.api):
        problem(await client.get(path), 404, "not_found")
    problem(await (await system.bearing(key.json()["token"])).get(f"{path}/jobs"), 401, "unauthenticated")
    problem(await system.client.get(f"/api/v1/public/workspaces/{workspace['handle']}"), 404, "not_found")
    problem(await visitor.say("Hello?"), 404, "not_found")
    tables = await system.sql(
        "select table_name from information_schema.columns where column_name = 'workspace_id' and table_schema ="
        " 'public'"
    )
    kept = {
        table
        for (table,) in tables
        if await system.sql(f'select 1 from "{table}" where workspace_id = %s limit 1', workspace["id"])  # noqa: S608 (a name of the catalog)
    }
    # Activity is sealed each minute, perhaps in this one; and the seals stay with it.
    assert kept - {"activity_seals"} == {"activity", "activity_heads", "jobs"}
    told = await system.sql(
        "select type, data ->> 'handle' from activity where workspace_id = %s and number > %s"
        " and subject_type = 'workspace'",
        workspace["id"],
        head,
    )
    assert told == [("workspace.deleted", workspace["handle"])]
    await _no_job_is_left(system, workspace["id"])
    held.go.set()
    assert (await shared(member))["id"] != workspace["id"]


async def _no_job_is_left(system: System, workspace_id: str) -> None:
    """Returns once all of its jobs have ended: the running one by its worker."""
    unended = "select count(*) from jobs where workspace_id = %s and ended_at is null"
    async with asyncio.timeout(20):
        while await system.sql(unended, workspace_id) != [(0,)]:  # noqa: ASYNC110 (another process tells nobody)
            await asyncio.sleep(0.02)
    statuses = await system.sql("select distinct status from jobs where workspace_id = %s", workspace_id)
    assert {status for (status,) in statuses} == {"succeeded", "cancelled"}


async def test_a_personal_workspace_is_not_deleted(member: Member) -> None:
    answer = await member.api.delete(member.path, params={"confirm": member.handle})
    problem(answer, 409, "personal_workspace")
    assert (await member.api.get(member.path)).status_code == 200


async def test_a_workspace_full_of_talk_is_deleted_while_visitors_go_on(system: System, member: Member) -> None:
    workspace = await shared(member)
    visitors = [await system.visitor(workspace["handle"]) for _ in range(8)]

    async def talk(number: int) -> set[int]:
        return {(await visitors[number].say(f"Question {again}?")).status_code for again in range(10)}

    async def delete() -> int:
        await visitors[0].say("Before")
        path = f"/api/v1/workspaces/{workspace['id']}"
        return (await member.api.delete(path, params={"confirm": workspace["handle"]})).status_code

    deleting = asyncio.create_task(delete())
    said = await asyncio.gather(*(talk(number) for number in range(8)))
    assert await deleting == 204
    assert {status for statuses in said for status in statuses} <= {201, 404, 409}
    assert await system.sql("select count(*) from conversations where workspace_id = %s", workspace["id"]) == [(0,)]
