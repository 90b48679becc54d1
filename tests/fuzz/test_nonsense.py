"""Each sort of nonsense, sent to every operation that could take it: a problem of the sender's, never a failure."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import pytest

from tests.fuzz.conftest import Target
from tests.fuzz.described import fields, query
from tests.http.operations import OPERATIONS, Operation
from tests.http.system import problem

pytestmark = pytest.mark.no_cover  # what is tried runs in a process of its own

MEBIBYTE = 2**20
BODIES = [operation for operation in OPERATIONS if fields(operation)]
BODILESS = [each for each in OPERATIONS if not fields(each) and not each.path.endswith("/stream")]
QUERIES = [operation for operation in OPERATIONS if query(operation) and not operation.path.endswith("/stream")]
PAGES = [operation for operation in QUERIES if "limit" in query(operation)]
NAMED = [operation for operation in OPERATIONS if operation.names]
# JSON as it stands, as some of it Python would not write.
VALUES = [
    *("null", "true", "-1", "0", "1e400", "9" * 400, '""', '"x"', "[]", "{}", "[[]]", '[""]', "[null]", '{"x": 1}'),
    *(
        r'"\u0000"',
        r'"a\u0000b"',
        r'"\ud800"',
        r'["\u0000"]',
        r'{"\u0000": "\u0000"}',
        '"\u202e"',
        '"' + "x" * 50_000 + '"',
    ),
    "[" * 500 + "]" * 500,
    '{"a":' * 500 + "1" + "}" * 500,
    "[" + ",".join(["1"] * 5_000) + "]",
]
TEXTS = [
    "",
    "x",
    "-1",
    "0",
    "%00",
    "%ff",
    "%ED%A0%80",
    "null",
    "9" * 400,
    "2026-13-45",
    "a" * 3_000,
    "%F0%9F%98%80",
    "[]",
]
LIMITS = ["0", "-1", "-9223372036854775809", "101", "x", "", "1.5", "1e3", "9" * 40, "%D9%A3", "%00"]


def _send(target: Target, operation: Operation, *, path: str = "", **more: Any) -> httpx.Response:
    headers = {**target.headers(operation.permission), **more.pop("headers", {})}
    asked = path or operation.path.format_map(target.ids)
    return target.client.request(operation.method, asked, headers=headers, **more)


def _fits(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and not answer.headers["content-type"].startswith("text/html"):  # a page's own
        problem(answer, answer.status_code, answer.json()["code"])


def _with_body() -> Iterator[tuple[Operation, str]]:
    for operation in BODIES:
        yield from ((operation, name) for name in fields(operation))


@pytest.mark.parametrize(("operation", "name"), tuple(_with_body()), ids=str)
def test_no_value_of_a_field_is_our_failure(target: Target, operation: Operation, name: str) -> None:
    body: dict[str, Any] = operation.example.body or {}
    others = "".join(f", {json.dumps(key)}: {json.dumps(other)}" for key, other in body.items() if key != name)
    for value in VALUES:
        sent = f"{{{json.dumps(name)}: {value}{others}}}".encode()
        _fits(_send(target, operation, content=sent, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize("operation", BODIES, ids=str)
def test_a_huge_body_is_too_large(target: Target, operation: Operation) -> None:
    huge = b'{"x": "' + b"x" * 8 * MEBIBYTE + b'"}'
    for content in (huge, iter([huge[:MEBIBYTE], huge[MEBIBYTE:]])):
        answer = _send(target, operation, content=content, headers={"Content-Type": "application/json"})
        problem(answer, 413, "too_large")


@pytest.mark.parametrize("operation", BODILESS, ids=str)
def test_a_body_that_nobody_asked_for_is_not_our_failure(target: Target, operation: Operation) -> None:
    for content in (b"{", b"\xff", b"[" * 40_000):
        path = operation.path.format_map({**dict.fromkeys(operation.names, "nothing"), **target.ids})
        if operation.method == "DELETE":
            path = operation.path.format_map(dict.fromkeys(operation.names, "0190b5a4-0000-7000-8000-000000000000"))
        _fits(_send(target, operation, path=path, content=content, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize(("operation", "text"), tuple(product(QUERIES, TEXTS)), ids=lambda value: str(value)[:40])
def test_no_query_is_our_failure(target: Target, operation: Operation, text: str) -> None:
    path = operation.path.format_map(target.ids)
    for name in [*query(operation), "surprise"]:
        _fits(_send(target, operation, path=f"{path}?{name}={text}"))
        _fits(_send(target, operation, path=f"{path}?{name}={text}&{name}={text}"))


@pytest.mark.parametrize("operation", PAGES, ids=str)
def test_a_page_has_one_to_a_hundred(target: Target, operation: Operation) -> None:
    path = operation.path.format_map(target.ids)
    for limit in LIMITS:
        (fault,) = problem(_send(target, operation, path=f"{path}?limit={limit}"), 422, "invalid")["errors"]
        assert fault["pointer"] == "/query/limit"
    for cursor in ("x", "W10", "e30", "WzEsMl0", "Ww" * 200, "%00", "%C5%B7"):
        problem(_send(target, operation, path=f"{path}?cursor={cursor}"), 422, "invalid_cursor")


@pytest.mark.parametrize("operation", NAMED, ids=str)
def test_no_name_in_a_path_is_our_failure(target: Target, operation: Operation) -> None:
    for name, text in product(operation.names, [*TEXTS[1:], "..", "%2e%2e%2f", "{}", "*"]):
        path = operation.path.format_map({"release": "x", "asset": "x", "file_path": "x", **target.ids, name: text})
        _fits(_send(target, operation, path=path, json=operation.example.body))
