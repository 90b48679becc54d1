"""Every operation, asked by everybody, of an object of their own, of another's, and of none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.access import PERMISSIONS, Permission, Role
from domain.conversations import Channel
from tests.http.operations import EXAMPLES, OPERATIONS, Operation
from tests.http.system import Member, System, Visitor

ROLES = {role.value: role for role in Role}
NOBODIES = ("anonymous", "expired", "revoked", "malformed")
VISITORS = ("visitor", "another visitor")
# One after the other, as a message that was brought before is answered otherwise.
CHANNELS = cycle(channel.value for channel in Channel if channel is not Channel.WEB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The people: `tokens` by what they are to the workspace of `owner`; the stranger has a workspace, too."""

    owner: Member
    stranger: Member
    visitor: Visitor
    tokens: Mapping[str, str | None]


@pytest.fixture(scope="session")
async def people(system: System) -> Cast:
    owner, stranger = await system.member(), await system.member()
    for member in (owner, stranger):
        (await member.api.post(f"{member.path}/services", json={"name": "One"})).raise_for_status()
    now = system.container.ports.clock().now()
    joined = {role.value: await system.joined(owner.workspace_id, role) for role in Role if role is not Role.OWNER}
    return Cast(
        owner=owner,
        stranger=stranger,
        visitor=await system.visitor(owner.handle),
        tokens={
            "owner": owner.token,
            **{role: member.token for role, member in joined.items()},
            "stranger": stranger.token,
            "another visitor": (await system.visitor(owner.handle)).token,
            "anonymous": None,
            "expired": await system.key(owner.user, owner.workspace_id, expires_at=now - timedelta(seconds=1)),
            "revoked": await system.key(owner.user, owner.workspace_id, revoked_at=now),
            "malformed": "fd_key_nonsense",
        },
    )


def test_every_operation_declares_its_permission_and_has_an_example() -> None:
    known = {"anyone", "user", "visitor", *Permission}
    assert [str(operation) for operation in OPERATIONS if operation.permission not in known] == []
    assert {str(operation) for operation in OPERATIONS} == set(EXAMPLES)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_an_operation_is_open_to_those_it_is_meant_for_alone(
    system: System, people: Cast, operation: Operation
) -> None:
    kinds = ("own", "foreign", "absent") if operation.names else ("own",)
    expected = {
        (caller, whose): _expected(operation, caller, whose)
        for caller in ("visitor", *people.tokens)
        for whose in kinds
    }
    shared = {whose: await _target(system, people, operation, whose) for whose in kinds}
    seen: dict[tuple[str, str], int] = {}
    for (caller, whose), status in expected.items():
        # What is allowed may end the object, or change it for the next.
        used_up = operation.method != "GET" and status == operation.example.status
        params, visitor = await _target(system, people, operation, whose) if used_up else shared[whose]
        token = visitor.token if caller == "visitor" else people.tokens[caller]
        seen[caller, whose] = (await _ask(system, operation, params, token)).status_code
    assert seen == expected


@pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.names and operation.permission != "anyone"],
    ids=str,
)
async def test_anothers_object_cannot_be_told_from_none(system: System, people: Cast, operation: Operation) -> None:
    foreign, visitor = await _target(system, people, operation, "foreign")
    absent, _ = await _target(system, people, operation, "absent")
    for token in (visitor.token, people.owner.token):
        answers = [await _ask(system, operation, params, token) for params in (foreign, absent)]
        assert _shown(answers[0]) == _shown(answers[1])
        assert answers[0].status_code == 404


def _expected(operation: Operation, caller: str, whose: str) -> int:
    permission, success = operation.permission, operation.example.status
    if permission == "anyone":
        return 404 if whose == "absent" else success
    if permission == "visitor":
        return success if (caller, whose) == ("visitor", "own") else 404
    if caller in NOBODIES:
        return 401
    if permission == "user":
        return 404 if caller in VISITORS else success
    if caller not in ROLES or whose != "own":
        # A stranger's own are the foreign ones.
        return success if (caller, whose) == ("stranger", "foreign") else 404
    return success if permission in PERMISSIONS[ROLES[caller]] else 403


async def _target(system: System, people: Cast, operation: Operation, whose: str) -> tuple[dict[str, str], Visitor]:
    """The path's parameters, and the visitor of the conversation in them, else one of the owner's workspace."""
    owner = people.stranger if whose == "foreign" else people.owner
    visitor = people.visitor
    if "/webhook" in operation.path and whose != "absent":
        body = EXAMPLES["PUT /workspaces/{workspace_id}/webhook"].body
        (await owner.api.put(f"{owner.path}/webhook", json=body)).raise_for_status()
    made: dict[str, str] = {}
    for name in operation.names:
        made[name] = _nothing(name) if whose == "absent" else await _made(system, owner, name)
    if {"conversation_id", "message_id", "run_id"} & made.keys() and whose != "absent":
        visited = await system.visitor(owner.handle)
        made |= await _said(visited, operation)
        if "/unanswered/" in operation.path:
            await system.sql("update runs set answered = false where id = %s", made["run_id"])
        visitor = visitor if whose == "foreign" else visited
    return {name: made[name] for name in operation.names}, visitor


def _nothing(name: str) -> str:
    return {"handle": "nobody-here", "channel": "sms", "file_path": "nothing.css", "asset": "nothing.css"}.get(
        name, str(uuid4())
    )


async def _made(system: System, owner: Member, name: str) -> str:
    match name:
        case "workspace_id" | "handle":
            return str(getattr(owner, name))
        case "file_path" | "asset":
            return "swagger-ui.css" if name == "file_path" else "chat/main.js"
        case "channel":
            return next(CHANNELS)
        case "service_id" | "connector_id":
            things = name.replace("_id", "s")
            body = EXAMPLES[f"POST /workspaces/{{workspace_id}}/{things}"].body
            made = await owner.api.post(f"{owner.path}/{things}", json=body)
            return str(made.json()["id"])
        case "job_id" | "delivery_id":
            job_id = await _dead_job(system, owner)
            return job_id if name == "job_id" else await _failed_delivery(system, owner, job_id)
        case _:
            return str(uuid4())


async def _dead_job(system: System, owner: Member) -> str:
    identifier = str(uuid4())
    await system.sql(
        "insert into jobs (id, type, workspace_id, payload, status, progress, attempt, failures, max_attempts, run_at,"
        " cancel_asked, created_at, ended_at) values (%s, 'none', %s, '{}', 'dead', 0, 5, 5, 5, now(), false, now(),"
        " now())",
        identifier,
        owner.workspace_id,
    )
    return identifier


async def _failed_delivery(system: System, owner: Member, job_id: str) -> str:
    identifier = str(uuid4())
    await system.sql(
        "insert into webhook_deliveries (id, workspace_id, type, status, attempts, job_id, created_at, ended_at)"
        " values (%s, %s, 'webhook.test', 'failed', '[]', %s, now(), now())",
        identifier,
        owner.workspace_id,
        job_id,
    )
    return identifier


async def _said(visitor: Visitor, operation: Operation) -> dict[str, str]:
    """A conversation in which there is what the operation needs."""
    made = {"conversation_id": visitor.conversation_id}
    if {"run_id", "message_id"} & set(operation.names) or operation.path.endswith("/stream"):
        made["run_id"] = (await visitor.say("Hello")).json()["run"]["id"]
        made["message_id"] = (await visitor.replies())[-1].data["message_id"]
    return made


async def _ask(system: System, operation: Operation, params: dict[str, str], token: str | None) -> httpx.Response:
    path = operation.path
    for name, value in params.items():
        path = path.replace(f"{{{name}}}", value)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body: Any = operation.example.body
    request = system.client.stream(operation.method, path, headers=headers, **({} if body is None else {"json": body}))
    async with request as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            await answer.aread()
    return answer


def _shown(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
    return answer.status_code, {**answer.json(), "request_id": None}, headers
