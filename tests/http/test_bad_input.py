"""Whatever is sent, the answer is a problem of the sender's, never a failure of ours."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access import Role
from tests.http.operations import API, OPERATIONS, Operation
from tests.http.system import System, problem

WRITING = [operation for operation in OPERATIONS if operation.example.body is not None]
FORMS = {"POST /workspaces/{workspace_id}/documents"}
"""What takes a form as well."""
LISTS = [
    f"{API}/workspaces/{{workspace_id}}/services",
    f"{API}/workspaces/{{workspace_id}}/connectors",
    f"{API}/workspaces/{{workspace_id}}/memories",
    f"{API}/workspaces/{{workspace_id}}/documents",
    f"{API}/workspaces/{{workspace_id}}/unanswered",
    f"{API}/workspaces/{{workspace_id}}/jobs",
    f"{API}/workspaces/{{workspace_id}}/members",
    f"{API}/workspaces/{{workspace_id}}/invites",
    f"{API}/workspaces",
    f"{API}/workspaces/{{workspace_id}}/activity",
]
MESSAGES = f"{API}/public/conversations/{{conversation_id}}/messages"
CURSORS = [
    "x",
    "%00",
    "W10",
    "e30",
    "WzEsMl0",
    "W251bGxd",
    "WyJcdWQ4MDAiLCJhIl0",
    "WyIyMDI2LTExLTIxIiwieCJd",
    "W1siYSJdLDFd",
    "Ww" * 200,
    "WzFlOTk5LDFd",
    "Wy05OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",
    "ŷ",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """One who may ask for anything: `params` name things that are there."""

    system: System
    params: Mapping[str, str]
    key: Mapping[str, str]
    visitor: Mapping[str, str]

    async def send(self, operation: Operation, **request: Any) -> httpx.Response:
        """The answer to the operation with this body and these headers."""
        headers = dict(self.visitor if operation.permission == "visitor" else self.key)
        headers |= request.pop("headers", {})
        path = operation.path.format_map(self.params)
        return await self.system.client.request(operation.method, path, headers=headers, **request)


@pytest.fixture(scope="session")
async def someone(system: System) -> Someone:
    member = await system.member()
    made = {"workspace_id": member.workspace_id}
    for name, operation in (("service_id", "services"), ("connector_id", "connectors")):
        body = next(each.example.body for each in WRITING if str(each).endswith(f"workspace_id}}/{operation}"))
        made[name] = (await member.api.post(f"{member.path}/{operation}", json=body)).json()["id"]
    visitor = await system.visitor(member.handle)
    await visitor.ask("Hello")
    reply = (await visitor.messages())["items"][1]
    made |= {"conversation_id": visitor.conversation_id, "message_id": reply["id"], "run_id": reply["run_id"]}
    made["channel"] = "sms"
    memory = await member.api.post(f"{member.path}/memories", json={"content": "Is fond of the sea."})
    made["memory_id"] = memory.json()["id"]
    collection = await member.api.post(f"{member.path}/collections", json={"name": "Likes"})
    made["collection_id"] = collection.json()["id"]
    document = await member.api.post(f"{member.path}/documents", json={"title": "Hours", "text": "From nine."})
    made["document_id"] = document.json()["document"]["id"]
    made["user_id"] = str((await system.joined(member.workspace_id, Role.MEMBER)).user.id)
    return Someone(system=system, params=made, key={"Authorization": f"Bearer {member.token}"}, visitor=visitor.headers)


def fits(answer: httpx.Response) -> None:
    """Fails when the answer is our fault, or an error that is no problem."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        problem(answer, answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "bad_request invalid"),
        (b"{", "bad_request"),
        (b"nonsense", "bad_request"),
        (b"\xff\xfe{}", "bad_request"),
        (b'{"name": "\xff"}', "bad_request invalid"),
        (b'{"name": "\\ud800"}', "bad_request invalid"),
        (b"[" * 15_000, "bad_request invalid"),
        (b'{"a":' * 3_000, "bad_request invalid"),
        (b"null", "invalid"),
        (b"[]", "invalid"),
        (b'"text"', "invalid"),
        (b"1e400", "invalid bad_request"),
        (b"9" * 5_000, "invalid bad_request"),
        (b'{"no_such_field": 1}', "invalid"),
        (b'{"__proto__": {"x": 1}}', "invalid"),
    ],
    ids=lambda value: repr(value[:20]),
)
@pytest.mark.parametrize("operation", WRITING, ids=str)
async def test_a_body_that_is_no_such_thing_is_refused(
    someone: Someone, operation: Operation, sent: bytes, code: str
) -> None:
    answer = await someone.send(operation, content=sent, headers={"Content-Type": "application/json"})
    fits(answer)
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in code.split()


@pytest.mark.parametrize("operation", WRITING, ids=str)
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "a/b/c"]
)
async def test_only_json_is_taken(someone: Someone, operation: Operation, content_type: str) -> None:
    body = json.dumps(operation.example.body).encode()
    answer = await someone.send(operation, content=body, headers={"Content-Type": content_type})
    if content_type.startswith("multipart/") and str(operation) in FORMS:
        problem(answer, 400, "bad_request")
    else:
        problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("operation", WRITING, ids=str)
async def test_an_unknown_field_is_named(someone: Someone, operation: Operation) -> None:
    answer = await someone.send(operation, json={**operation.example.body, "surprise": 1})
    (fault,) = problem(answer, 422, "invalid")["errors"]
    assert (fault["pointer"], fault["code"]) == ("/surprise", "unknown_field")


_TEXTS = st.text(max_size=20) | st.sampled_from(
    ["\x00", "\ud800", "https://calendly.com/x", "calendly", "up", "Europe/Prague", str(uuid4()), "1e999999999", "-0"]
)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS | st.integers(-(2**70), 2**70)
_FIELDS = sorted(
    set(
        "handle name tone timezone language description active embed_origins assistant greeting suggested_questions "
        "model limits tokens_per_day tokens_per_visitor knowledge_base format duration_minutes price_from amount "
        "currency ids type config url "
        "api_token workspace_handle visitor_name visitor_email content idempotency_key if_busy value note "
        "thread_id message_id sender text answer question savings minutes_per_answer".split()
    )
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_FIELDS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("operation", WRITING, ids=str)
@given(changes=st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=3), bare=_VALUES)
@settings(max_examples=max(10, settings().max_examples // 8))
async def test_no_json_body_is_our_failure(
    someone: Someone, operation: Operation, changes: dict[str, Any], bare: Any
) -> None:
    own = {name: value for name, value in changes.items() if name in operation.example.body}
    for body in (bare, changes, {**operation.example.body, **changes}, {**operation.example.body, **own}):
        sent = json.dumps(body).encode()
        fits(await someone.send(operation, content=sent, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if any(name.endswith("_id") for name in each.names)], ids=str
)
async def test_a_malformed_id_is_nothings(someone: Someone, operation: Operation) -> None:
    for bad in ("x", "1", "%00", "%ff", "..%2f..", "0" * 32 + "0", "{}", "ŷ", "null", "a" * 3_000):
        path = operation.path.format_map(dict.fromkeys(operation.names, bad))
        token = someone.visitor if operation.permission == "visitor" else someone.key
        body = operation.example.body
        answer = await someone.system.client.request(operation.method, path, headers=dict(token), json=body)
        problem(answer, 404, "not_found")


@pytest.mark.parametrize("path", LISTS)
async def test_a_bad_page_is_named(someone: Someone, path: str) -> None:
    url, headers = path.format_map(someone.params), dict(someone.key)
    for limit in ("0", "-1", "101", "x", "", "1.5", "1e3", "9" * 40, "٣"):
        answer = await someone.system.client.get(url, params={"limit": limit}, headers=headers)
        (fault,) = problem(answer, 422, "invalid")["errors"]
        assert fault["pointer"] == "/query/limit"
    for cursor in CURSORS:
        answer = await someone.system.client.get(url, params={"cursor": cursor}, headers=headers)
        problem(answer, 422, "invalid_cursor")
    answer = await someone.system.client.get(url, params={"cursor": "c" * 501}, headers=headers)
    problem(answer, 422, "invalid")


async def test_a_bad_place_in_a_conversation_is_no_cursor(someone: Someone) -> None:
    url, headers = MESSAGES.format_map(someone.params), dict(someone.visitor)
    for since in [*CURSORS, "Wy0xXQ", "WzMwMDAwMDAwMDBd"]:
        answer = await someone.system.client.get(url, params={"since": since}, headers=headers)
        problem(answer, 422, "invalid_cursor")


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_a_method_that_is_not_taken_says_which_are(someone: Someone, operation: Operation) -> None:
    path = operation.path.format_map({**dict.fromkeys(operation.names, str(uuid4())), **someone.params})
    taken = {each.method for each in OPERATIONS if each.path == operation.path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "PURGE"} - taken:
        answer = await someone.system.client.request(method, path, headers=dict(someone.key))
        problem(answer, 405, "method_not_allowed")
        assert set(answer.headers["allow"].split(", ")) >= taken


async def test_an_address_of_nothing_is_a_problem_too(system: System) -> None:
    for path in (
        "/nothing",
        f"{API}/nothing",
        f"{API}/public/nothing",
        "/%00",
        f"{API}//nothing",
        "/api/v1/docs/assets/../x",
    ):
        problem(await system.client.get(path), 404, "not_found")


@pytest.mark.parametrize("version", ["", "x", "1"])
async def test_a_version_without_quotes_is_no_version(someone: Someone, version: str) -> None:
    path = f"{API}/services/{someone.params['service_id']}"
    headers = {**someone.key, "If-Match": version}
    problem(await someone.system.client.patch(path, json={}, headers=headers), 422, "invalid")


@pytest.mark.parametrize("version", ['W/"1"', '"a"', '"1", "2"', f'"{"9" * 30}"', '"-1"'])
async def test_a_version_that_none_can_have_is_stale(someone: Someone, version: str) -> None:
    path = f"{API}/services/{someone.params['service_id']}"
    headers = {**someone.key, "If-Match": version}
    problem(await someone.system.client.patch(path, json={}, headers=headers), 412, "stale")
