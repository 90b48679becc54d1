"""The headers that the edge takes and gives, as the API's description tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entrypoints.http.edge.limits import READING
from entrypoints.http.edge.opts import PUBLIC

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_RATE_LIMIT = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def _header(description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "schema": schema}


HEADERS: Mapping[str, Any] = {
    "ETag": _header("The version, for `If-Match` and `If-None-Match`.", {**_TEXT, "pattern": '^"\\d+"$'}),
    "Location": _header("The path of what was made.", {**_TEXT, "format": "uri-reference"}),
    "Idempotent-Replayed": _header(
        "The request was a repeat, and this is the answer of the first.", {**_TEXT, "const": "true"}
    ),
    "RateLimit-Limit": _header("How many the limit nearest to its end allows; absent where none counts.", _COUNT),
    "RateLimit-Remaining": _header("How many of them are left.", _COUNT),
    "RateLimit-Reset": _header("Whole seconds until the limit is fresh.", _COUNT),
    "Retry-After": _header("With 429 and 503: whole seconds after which to come again.", _COUNT),
    "WWW-Authenticate": _header("With 401: `Bearer`.", _TEXT),
    "Allow": _header("With 405: the methods that the address takes.", _TEXT),
}
PARAMETERS: Mapping[str, Any] = {
    "IdempotencyKey": {
        "in": "header",
        "name": "Idempotency-Key",
        "required": False,
        "description": "Made up by you for this request: a repeat under it within 24 hours has no second effect and is "
        "answered as the first was. With another body it is 422 `idempotency_mismatch`.",
        "schema": {**_TEXT, "pattern": "^[\\x20-\\x7e]{1,255}$"},
    },
    "IfNoneMatch": {
        "in": "header",
        "name": "If-None-Match",
        "required": False,
        "description": "The ETag of what you have: while it is the same, the answer is 304 without a body.",
        "schema": _TEXT,
    },
}
OF_PROBLEMS: Sequence[str] = ("Retry-After", "WWW-Authenticate", "Allow", *_RATE_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a route says of itself: `anonymous`, `unlimited`, `reads` and `idempotent` by `opt`; `located` by view."""

    anonymous: bool = False
    unlimited: bool = False
    reads: bool = False
    idempotent: bool = False
    located: bool = False


def add_headers(path: str, method: str, operation: dict[str, Any], traits: Traits, schemas: Mapping[str, Any]) -> None:
    """Tells which headers the operation takes, and which its successes have; an ETag brings 304 to a GET."""
    responses: dict[str, Any] = operation["responses"]
    limited = not traits.unlimited and (traits.reads or method.upper() in READING or path.startswith(PUBLIC))
    common = [*(_RATE_LIMIT if limited else ()), *(("Idempotent-Replayed",) if traits.idempotent else ())]
    tagged = {status: _versioned(response, schemas) for status, response in responses.items()}
    for status, response in responses.items():
        if status.startswith("2"):
            tags = ["ETag"] if tagged[status] else []
            places = ["Location"] if traits.located and status == "201" else []
            response["headers"] = references([*tags, *places, *common])
    if method == "get" and tagged.get("200"):
        responses["304"] = {"description": "It is as you have it.", "headers": references(["ETag", *common])}
        _take(operation, "IfNoneMatch")
    if traits.idempotent:
        _take(operation, "IdempotencyKey")


def references(names: Sequence[str]) -> dict[str, Any]:
    """The headers of these names, as an answer has them."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _take(operation: dict[str, Any], name: str) -> None:
    operation.setdefault("parameters", []).append({"$ref": f"#/components/parameters/{name}"})


def _versioned(response: Mapping[str, Any], schemas: Mapping[str, Any]) -> bool:
    """Whether it answers a view with a `version`, which is its ETag."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    view = schemas.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    kind: object = view.get("properties", {}).get("version", {}).get("type")
    return kind == "integer"
