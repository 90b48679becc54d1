"""Our own description of the API, as the tests read it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from entrypoints.container import unconnected
from entrypoints.http.app import openapi_document
from entrypoints.settings import load
from tests.http.operations import OPERATIONS, Operation

DOCUMENT: dict[str, Any] = json.loads(openapi_document(unconnected(), load({}, None)))


def described(operation: Operation) -> Mapping[str, Any] | None:
    """What is said of the operation; None of what is no part of the API."""
    found: Mapping[str, Any] | None = DOCUMENT["paths"].get(operation.path, {}).get(operation.method.lower())
    return found


def query(operation: Operation) -> Sequence[str]:
    """The names of its query's parameters."""
    parameters: list[dict[str, Any]] = (described(operation) or {}).get("parameters", [])
    return [each["name"] for each in parameters if each.get("in") == "query"]


def fields(operation: Operation) -> Sequence[str]:
    """The names of its body's fields."""
    content = (described(operation) or {}).get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return [*_resolved(schema).get("properties", {})]


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    resolved: Mapping[str, Any] = DOCUMENT["components"]["schemas"][name] if name else schema
    return resolved


def without_streams() -> Iterator[Operation]:
    """The described operations but streams; deletions last, as what they delete is wanted by others."""
    for operation in sorted(OPERATIONS, key=lambda each: each.method == "DELETE"):
        responses = (described(operation) or {}).get("responses", {})
        if responses and not any("text/event-stream" in each.get("content", {}) for each in responses.values()):
            yield operation
