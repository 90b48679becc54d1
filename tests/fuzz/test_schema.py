"""Whatever fits our own description of an operation, and what nearly does, is answered as the description says."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from entrypoints.container import unconnected
from entrypoints.http.app import openapi_document
from entrypoints.settings import load
from tests.fuzz.conftest import Target
from tests.http.operations import API, OPERATIONS, Operation
from tests.soak import amount

DOCUMENT: dict[str, Any] = json.loads(openapi_document(unconnected(), load({}, None)))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
EXAMPLES = amount(200, 2_000)
CHECKS = cast(
    "list[CheckFunction]",
    [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
    ],
)


def _described() -> Iterator[Operation]:
    """The described operations but streams, which have a fuzz of their own; deletions last."""
    for operation in sorted(OPERATIONS, key=lambda each: each.method == "DELETE"):
        described = DOCUMENT["paths"].get(operation.path, {}).get(operation.method.lower())
        if described and not any("text/event-stream" in each.get("content", {}) for each in described["responses"].values()):
            yield operation


def test_the_description_that_is_served_is_the_one_that_is_tried(target: Target) -> None:
    served = target.client.get(f"{API}/openapi.json").json()
    assert served["paths"] == DOCUMENT["paths"]


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("bearing", [True, False], ids=["with a token", "without"])
@pytest.mark.parametrize("operation", tuple(_described()), ids=str)
def test_an_answer_is_as_described(target: Target, operation: Operation, bearing: bool) -> None:
    tried = SCHEMA[operation.path][operation.method]

    @given(
        case=st.one_of(*(tried.as_strategy(generation_mode=mode) for mode in GenerationMode)),
        known=st.sampled_from([True, True, True, False]),
    )
    @settings(max_examples=EXAMPLES)
    def answered(case: Case, known: bool) -> None:
        if known:
            case.path_parameters = {name: target.ids[name] for name in operation.names}
        answer = target.ask(case, operation.permission if bearing else None)
        case.validate_response(answer, checks=CHECKS)

    answered()
