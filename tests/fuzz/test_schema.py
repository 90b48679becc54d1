"""Whatever fits our own description of an operation, and what nearly does, is answered as the description says."""

import json
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.conftest import Target
from tests.fuzz.described import DOCUMENT, without_streams
from tests.http.operations import API, Operation
from tests.soak import amount

pytestmark = pytest.mark.no_cover  # what is tried runs in a process of its own

# Its types are open: to the checkers it is untyped.
schemathesis: Any = import_module("schemathesis")
described: Any = import_module("schemathesis.specs.openapi.checks")


@schemathesis.serializer("application/jsonl", "application/x-ndjson")  # type: ignore[untyped-decorator]
def lines(_context: Any, value: object) -> bytes:
    """A body that is text as it is; what is none, as JSON."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
BEARING, NOT_BEARING = amount(60, 500), amount(15, 200)
CHECKS = [
    schemathesis.checks.not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_headers_conformance,
    described.response_schema_conformance,
]


def test_the_description_that_is_served_is_the_one_that_is_tried(target: Target) -> None:
    served = target.client.get(f"{API}/openapi.json").json()
    assert served["paths"] == DOCUMENT["paths"]


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("bearing", [True, False], ids=["with a token", "without"])
@pytest.mark.parametrize("operation", tuple(without_streams()), ids=str)
def test_an_answer_is_as_described(target: Target, operation: Operation, bearing: bool) -> None:
    tried = SCHEMA[operation.path][operation.method]

    @given(
        case=st.one_of(*(tried.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode)),
        known=st.sampled_from([True, True, True, False]),
    )
    @settings(max_examples=BEARING if bearing else NOT_BEARING)
    def answered(case: Any, known: bool) -> None:
        if known:
            case.path_parameters = {name: target.ids[name] for name in operation.names}
        answer = target.ask(case, operation.permission if bearing else None)
        case.validate_response(answer, checks=CHECKS)

    answered()
