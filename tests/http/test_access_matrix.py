"""Every operation, asked by everybody, of an object of their own, of another's, and of none."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from domain.access import ACCOUNT, ADMINISTRATION, PERMISSIONS, Permission, Role
from domain.conversations import Channel
from domain.identity.keys import OF_A_WORKSPACE
from domain.ids import WorkspaceId
from domain.permissions import KEY_PERMISSIONS
from tests.http.operations import EXAMPLES, OPERATIONS, Operation
from tests.http.system import Member, System, Visitor
from tests.png import PNG

ROLES = {role.value: role for role in Role}
NOBODIES = ("anonymous", "expired", "ended session", "revoked", "malformed")
NARROW = "key without the permission"
DELETABLE = {
    "document_id": "documents",
    "service_id": "services",
    "connector_id": "connectors",
    "conversation_id": "conversations",
}
PERSONAL = {"memory_id", "collection_id"}
"""What is its owner's alone, whatever others are in the workspace."""
VISITORS = ("visitor", "another visitor")
OWN_ACCOUNTS = {("owner", "own"), ("stranger", "foreign")}
# One after the other, as a message that was brought before is answered otherwise.
CHANNELS = cycle(channel.value for channel in Channel if channel is not Channel.WEB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The people: `tokens` by what they are to the workspace of `owner`; the stranger has a workspace, too."""

    owner: Member
    stranger: Member
    visitor: Visitor
    tokens: Mapping[str, str | None]
    joined: Mapping[Role, Member]
    narrow: dict[str, str] = field(default_factory=dict[str, str])

    async def rejoin(self, system: System) -> None:
        """Whoever has left the owner's workspace is back."""
        for role, member in self.joined.items():
            await _join(system, self.owner.workspace_id, str(member.user.id), role)

    async def key_without(self, system: System, permission: str | None) -> str:
        """The token of a key of the owner that may do everything else."""
        name = permission or ""
        if name not in self.narrow:
            outside = name in ADMINISTRATION
            place = {} if outside else {"workspace_id": WorkspaceId(UUID(self.owner.workspace_id))}
            left = tuple(sorted((KEY_PERMISSIONS if outside else OF_A_WORKSPACE) - {Permission(name)}))
            self.narrow[name] = await system.key(self.owner.user, self.owner.workspace_id, permissions=left, **place)
        return self.narrow[name]


@pytest.fixture(scope="session")
async def people(system: System) -> Cast:
    owner, stranger = await system.member(), await system.member()
    for member in (owner, stranger):
        (await member.api.post(f"{member.path}/services", json={"name": "One"})).raise_for_status()
    now = system.container.ports.clock().now()
    removed = await system.joined(owner.workspace_id, Role.ADMIN)
    await system.sql(
        "delete from members where workspace_id = %s and user_id = %s", owner.workspace_id, removed.user.id
    )
    roles: list[Role] = [role for role in Role if role is not Role.OWNER]
    joined = {role: await system.joined(owner.workspace_id, role) for role in roles}
    return Cast(
        owner=owner,
        stranger=stranger,
        joined=joined,
        visitor=await system.visitor(owner.handle),
        tokens={
            "owner": owner.token,
            **{role.value: member.token for role, member in joined.items()},
            "stranger": stranger.token,
            "removed member": removed.token,
            "administrator": system.token,
            "another visitor": (await system.visitor(owner.handle)).token,
            "anonymous": None,
            "expired": await system.key(owner.user, owner.workspace_id, expires_at=now - timedelta(seconds=1)),
            "ended session": await system.session(owner.user, expires_at=now - timedelta(seconds=1)),
            "revoked": await system.key(owner.user, owner.workspace_id, revoked_at=now),
            "malformed": "fd_key_nonsense",
        },
    )


def test_every_operation_declares_its_permission_and_has_an_example() -> None:
    known = {"anyone", "visitor", *Permission}
    assert [str(operation) for operation in OPERATIONS if operation.permission not in known] == []
    assert {str(operation) for operation in OPERATIONS} == set(EXAMPLES)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_an_operation_is_open_to_those_it_is_meant_for_alone(
    system: System, people: Cast, operation: Operation
) -> None:
    kinds: tuple[str, ...] = ("own", "foreign", "absent") if operation.names else ("own",)
    kinds += ("deleted",) if set(operation.names) & DELETABLE.keys() and operation.permission != "visitor" else ()
    narrow = (NARROW,) if operation.permission in set(Permission) else ()
    expected = {
        (caller, whose): _expected(operation, caller, whose)
        for caller in ("visitor", *people.tokens, *narrow)
        for whose in kinds
    }
    shared = {whose: await _target(system, people, operation, whose) for whose in kinds}
    seen: dict[tuple[str, str], int] = {}
    for (caller, whose), status in expected.items():
        # What is allowed may end the object, or change it for the next.
        used_up = operation.method != "GET" and status == operation.example.status
        params, visitor = await _target(system, people, operation, whose) if used_up else shared[whose]
        token = await _token(system, people, operation, caller, visitor)
        seen[caller, whose] = (await _ask(system, operation, params, token)).status_code
    await people.rejoin(system)
    assert seen == expected


@pytest.mark.parametrize(
    "operation",
    [each for each in OPERATIONS if each.names and each.permission not in {"anyone", *ADMINISTRATION - ACCOUNT}],
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
    permission, success = operation.permission, operation.example.but.get(caller, operation.example.status)
    if permission == "anyone":
        return 404 if whose == "absent" else success
    if permission == "visitor":
        return success if (caller, whose) == ("visitor", "own") else 404
    ended = (caller, whose) == ("visitor", "deleted") and "conversation_id" in operation.names
    if caller in NOBODIES or ended:
        return 401
    if permission in ADMINISTRATION:
        return _expected_outside(operation, caller, whose)
    return _expected_inside(operation, caller, whose)


def _expected_inside(operation: Operation, caller: str, whose: str) -> int:
    """Of an operation within a workspace."""
    permission, success = operation.permission, operation.example.but.get(caller, operation.example.status)
    if caller == NARROW:
        return 403 if whose == "own" else 404
    if caller in ROLES.keys() - {"owner"} and PERSONAL & set(operation.names):
        return 404
    if caller not in ROLES or whose != "own":
        # A stranger's own are the foreign ones.
        return success if (caller, whose) == ("stranger", "foreign") else 404
    return success if permission in PERMISSIONS[ROLES[caller]] else 403


def _expected_outside(operation: Operation, caller: str, whose: str) -> int:
    """Of an operation on the caller's own account, or on the instance."""
    if caller in VISITORS:
        return 404
    if caller == NARROW or (operation.permission not in ACCOUNT and caller != "administrator"):
        return 403
    theirs = whose in {"own", "foreign"} if operation.permission not in ACCOUNT else (caller, whose) in OWN_ACCOUNTS
    return operation.example.status if theirs or not operation.names else 404


async def _token(system: System, people: Cast, operation: Operation, caller: str, visitor: Visitor) -> str | None:
    if caller == NARROW:
        return await people.key_without(system, operation.permission)
    return visitor.token if caller == "visitor" else people.tokens[caller]


async def _target(system: System, people: Cast, operation: Operation, whose: str) -> tuple[dict[str, str], Visitor]:
    """The path's parameters, and the visitor of the conversation in them, else one of the owner's workspace."""
    owner = people.stranger if whose == "foreign" else people.owner
    visitor = people.visitor
    if whose == "deleted":
        gone, visitor = await _target(system, people, operation, "own")
        for name in gone.keys() & DELETABLE.keys():
            (await owner.api.delete(f"/api/v1/{DELETABLE[name]}/{gone[name]}")).raise_for_status()
        return gone, visitor
    if "/webhook" in operation.path and whose != "absent":
        body = EXAMPLES["PUT /workspaces/{workspace_id}/webhook"].body
        (await owner.api.put(f"{owner.path}/webhook", json=body)).raise_for_status()
    made: dict[str, str] = {}
    for name in operation.names:
        made[name] = _nothing(name) if whose == "absent" else await _made(system, owner, name)
    if whose != "absent":
        await _prepare(system, owner, operation, made)
    if {"conversation_id", "message_id", "run_id"} & made.keys() and whose != "absent":
        visited = await system.visitor(owner.handle)
        made |= await _said(visited, operation)
        if "/unanswered/" in operation.path:
            await system.sql("update runs set answered = false where id = %s", made["run_id"])
        visitor = visitor if whose == "foreign" else visited
    return {name: made[name] for name in operation.names}, visitor


async def _prepare(system: System, owner: Member, operation: Operation, made: dict[str, str]) -> None:
    """What has to be so that the example of the operation is answered as it says."""
    if "/members/" in operation.path:
        await _join(system, made["workspace_id"], made["user_id"], Role.MEMBER)
    if operation.path.endswith("/invites"):
        await system.sql("delete from invites where workspace_id = %s", made["workspace_id"])
    if operation.path.endswith("/collections"):
        await system.sql("delete from collections where workspace_id = %s", made["workspace_id"])
    if {"collection_id", "memory_id"} <= made.keys():
        held = f"/api/v1/collections/{made['collection_id']}/memories/{made['memory_id']}"
        (await owner.api.put(held)).raise_for_status()


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
        case _ if name in _MAKERS:
            return await _MAKERS[name](system, owner)
        case _:
            return str(uuid4())


def _posted(path: str, *found: str) -> Callable[[System, Member], Awaitable[str]]:
    """Makes what the example of this path of a workspace makes; `found` leads to its id in the answer."""

    async def make(_: System, owner: Member) -> str:
        body = EXAMPLES[f"POST /workspaces/{{workspace_id}}/{path}"].body
        answer = (await owner.api.post(f"{owner.path}/{path}", json=body)).json()
        for name in (*found, "id"):
            answer = answer[name]
        return str(answer)

    return make


async def _picture(_: System, owner: Member) -> str:
    shown = await owner.api.put(f"{owner.path}/image", content=PNG, headers={"Content-Type": "image/png"})
    return str(shown.json()["image_url"]).rpartition("/")[2]


async def _user(system: System, _: Member) -> str:
    return str((await system.member()).user.id)


async def _tenant(system: System, _: Member) -> str:
    return (await system.member()).workspace_id


async def _session(system: System, owner: Member) -> str:
    return str(UUID(hex=(await system.session(owner.user)).split("_")[2]))


async def _join(system: System, workspace_id: str, user_id: str, role: Role) -> None:
    await system.sql(
        "insert into members (workspace_id, user_id, role, joined_at) values (%s, %s, %s, now())"
        " on conflict do nothing",
        workspace_id,
        user_id,
        role,
    )


async def _sent_invite(system: System, owner: Member) -> str:
    """An invite that was sent long enough ago to be sent again."""
    body = {"email": f"{uuid4().hex}@example.com", "role": "member"}
    identifier = str((await owner.api.post(f"{owner.path}/invites", json=body)).json()["id"])
    await system.sql("update invites set sent_at = sent_at - interval '1 hour' where id = %s", identifier)
    return identifier


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


async def _failed_delivery(system: System, owner: Member) -> str:
    identifier, job_id = str(uuid4()), await _dead_job(system, owner)
    await system.sql(
        "insert into webhook_deliveries (id, workspace_id, type, status, attempts, job_id, created_at, ended_at)"
        " values (%s, %s, 'webhook.test', 'failed', '[]', %s, now(), now())",
        identifier,
        owner.workspace_id,
        job_id,
    )
    return identifier


async def _document(_: System, owner: Member) -> str:
    """A document of its own: what is sent is there at once, what is in it a moment later."""
    body = {"title": "Hours", "text": f"We open at nine. {uuid4().hex}"}
    answer = await owner.api.post(f"{owner.path}/documents", json=body)
    return str(answer.json()["document"]["id"])


async def _collection(_: System, owner: Member) -> str:
    """A collection of a name of its own."""
    return str((await owner.api.post(f"{owner.path}/collections", json={"name": uuid4().hex})).json()["id"])


async def _memory(_: System, owner: Member) -> str:
    """A memory of words of its own."""
    answer = await owner.api.post(f"{owner.path}/memories", json={"content": f"Likes {uuid4().hex}."})
    return str(answer.json()["id"])


_MAKERS: Mapping[str, Callable[[System, Member], Awaitable[str]]] = {
    "service_id": _posted("services"),
    "connector_id": _posted("connectors"),
    "key_id": _posted("api-keys", "key"),
    "picture": _picture,
    "user_id": _user,
    "tenant_id": _tenant,
    "session_id": _session,
    "invite_id": _sent_invite,
    "job_id": _dead_job,
    "delivery_id": _failed_delivery,
    "document_id": _document,
    "collection_id": _collection,
    "memory_id": _memory,
}


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
    body, image, lines = operation.example.body, operation.example.image, operation.example.lines
    sent: dict[str, Any] = {} if body is None else {"json": body}
    if image is not None:
        headers["Content-Type"], sent = "image/png", {"content": image}
    if lines is not None:
        headers["Content-Type"], sent = "application/jsonl", {"content": lines}
    request = system.client.stream(operation.method, path, headers=headers, **sent)
    async with request as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            await answer.aread()
    return answer


def _shown(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
    return answer.status_code, {**answer.json(), "request_id": None}, headers
