"""One pass over Litestar's description, which says what Litestar would do and not what the edge does."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from litestar.openapi.spec import OpenAPIType

from entrypoints.http.edge.openapi_headers import HEADERS, OF_PROBLEMS, PARAMETERS, Traits, add_headers, references
from entrypoints.http.edge.opts import PUBLIC
from entrypoints.http.edge.problems import MEDIA_TYPE

_TEXT = {"type": OpenAPIType.STRING.value}
_FAULT = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {**_TEXT, "description": "A JSON pointer into the body; into the query it begins with /query."},
        "code": _TEXT,
        "detail": _TEXT,
    },
}
_PROBLEM = {
    "title": "Problem",
    "description": "What every error is answered (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id", "errors"],
    "properties": {
        "type": {**_TEXT, "const": "about:blank"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {**_TEXT, "description": "The stable name of the error."},
        "request_id": _TEXT,
        "errors": {"type": "array", "items": _FAULT},
    },
}
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A member's token, such as fd_key_…"},
    "visitor_token": {"type": "http", "scheme": "bearer", "description": "The visitor_token of a conversation."},
}
_PROBLEM_RESPONSE = {
    "description": "A problem.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    "headers": references(OF_PROBLEMS),
}
_EVENTS = "text/event-stream"
_INTEGER, _NUMBER = {"type": "integer"}, {"type": "number"}
_METHODS = {"get", "put", "post", "patch", "delete"}


def complete(schema: dict[str, Any], traits: Mapping[str, Traits]) -> dict[str, Any]:
    """The description with problems, headers, closed request bodies and bearer tokens; `traits` by operation."""
    components = schema.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    components["securitySchemes"] = _SCHEMES
    components["headers"] = HEADERS
    components["parameters"] = PARAMETERS
    components["responses"] = {"Problem": _PROBLEM_RESPONSE}
    for path, method, operation in _operations(schema):
        _summarise(operation)
        responses = operation.setdefault("responses", {})
        _tell_events(responses)
        add_headers(path, method, operation, traits[operation["operationId"]], schemas)
        # Litestar's own shape for what it calls a bad request.
        if responses.pop("400", None):
            responses["422"] = _refer("Problem")
        responses["default"] = _refer("Problem")
        operation["security"] = _security(path, traits[operation["operationId"]].anonymous)
        for media in operation.get("requestBody", {}).get("content", {}).values():
            _close(media.get("schema", {}), schemas)
    schemas["Problem"] = _PROBLEM
    _tell_apart(schema)
    return schema


def _summarise(operation: dict[str, Any]) -> None:
    """What a route's docstring says is told in the list of routes, where Litestar would repeat its name."""
    told: str = operation.pop("description", "")
    operation["summary"] = told.removesuffix(".") if told else operation["operationId"]


def _tell_events(responses: Mapping[str, Any]) -> None:
    """What a stream's route says of its response is told where its events are."""
    for response in responses.values():
        events = response.get("content", {}).get(_EVENTS)
        if events is not None:
            events["schema"] = {**_TEXT, "description": response["description"]}
            response["description"] = "Server-sent events."


def _operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema.get("paths", {}).items():
        for method, operation in item.items():
            if method in _METHODS:
                yield path, method, operation


def _security(path: str, anonymous: bool) -> list[dict[str, list[str]]]:
    if anonymous:
        return []
    return [{"visitor_token": []}] if path.startswith(PUBLIC) else [{"token": []}]


def _close(part: Any, schemas: Mapping[str, Any]) -> None:
    """Objects with named properties take no others: the edge refuses unknown fields."""
    if isinstance(part, list):
        for inner in cast("Sequence[Any]", part):
            _close(inner, schemas)
    elif isinstance(part, dict):
        _close_object(cast("dict[str, Any]", part), schemas)


def _close_object(part: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    if "properties" in part:
        part.setdefault("additionalProperties", False)
    found = schemas.get(str(part.get("$ref", "")).rpartition("/")[2])
    # One that is closed was visited before, and may speak of itself.
    if found is not None and "additionalProperties" not in found:
        _close(found, schemas)
    for inner in part.values():
        _close(inner, schemas)


def _tell_apart(part: Any) -> None:
    """Of `oneOf` exactly one may fit, and an integer would fit beside a number: it is one."""
    if isinstance(part, list):
        for inner in cast("Sequence[Any]", part):
            _tell_apart(inner)
    elif isinstance(part, dict):
        named = cast("dict[str, Any]", part)
        kinds: list[Any] = named.get("oneOf", [])
        if _NUMBER in kinds and _INTEGER in kinds:
            named["oneOf"] = [kind for kind in kinds if kind != _INTEGER]
        for inner in named.values():
            _tell_apart(inner)


def _refer(response: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{response}"}
