import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from domain.conversations.frames import FRAME_EVENTS
from domain.conversations.run import RunErrorCode
from domain.conversations.standing import ConversationStands, WordsBlanked
from entrypoints.container import unconnected
from entrypoints.http.app import openapi_document
from tests.http.system import settings_for


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    settings = settings_for("postgresql://nowhere/x", "unix:///nowhere", Path("nowhere"))
    document: dict[str, Any] = json.loads(openapi_document(unconnected(), settings))
    return document


def operation(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any]
    [found] = [made for item in schema["paths"].values() for made in item.values() if made["operationId"] == name]
    return found


def answers(schema: dict[str, Any], name: str) -> set[str]:
    return set(operation(schema, name)["responses"])


def references(part: Any) -> Iterator[str]:
    return iter(re.findall(r'"\$ref": "([^"]+)"', json.dumps(part)))


def test_all_that_is_referred_to_is_there(schema: dict[str, Any]) -> None:
    referred = set(references(schema))
    assert "#/components/headers/ETag" in referred
    for reference in referred:
        found: Any = schema
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]


def test_answers_that_are_no_problems_are_told(schema: dict[str, Any]) -> None:
    assert answers(schema, "get_stream") == {"200", "204", "422", "default"}
    assert answers(schema, "post_run_cancel") == {"200", "202", "422", "default"}
    assert answers(schema, "post_job_cancel") == {"200", "202", "422", "default"}
    assert answers(schema, "get_readyz") == answers(schema, "get_health") == {"200", "503", "default"}


def test_of_what_has_a_version_the_reader_may_have_the_newest_already(schema: dict[str, Any]) -> None:
    cached = {
        made["operationId"] for item in schema["paths"].values() for made in item.values() if "304" in made["responses"]
    }
    assert cached == {
        "get_my_workspace",
        "read_me",
        "read_preferences",
        "read_workspace_by_id",
        "get_service",
        "get_connector",
        "get_conversation",
        "get_webhook",
        "get_memory",
        "get_memory_retention",
        "get_collection",
        "get_document",
    }


def test_what_is_created_is_at_a_location(schema: dict[str, Any]) -> None:
    made = (each for item in schema["paths"].values() for each in item.values() if "201" in each["responses"])
    created = {each["operationId"]: each["responses"]["201"]["headers"] for each in made}
    assert set(created) == {
        "post_api_key",
        "post_connector",
        "post_conversation",
        "post_inbound_message",
        "post_invite",
        "post_member_message",
        "post_memory",
        "post_collection",
        "post_companion",
        "post_run_retry",
        "post_service",
        "post_sign_up",
        "post_visitor_message",
        "post_workspace",
        "put_webhook",
    }
    assert all("Location" in headers for headers in created.values())


def test_the_chat_stream_tells_each_event_with_its_fields_and_codes(schema: dict[str, Any]) -> None:
    told = operation(schema, "get_stream")["responses"]["200"]["content"]["text/event-stream"]["schema"]["description"]
    shapes = dict(re.findall(r"`(\w+)`\s+`\{([^}]*)\}`", told))

    assert {name: re.sub(r":[^,]*", "", shape).split(", ") for name, shape in shapes.items()} == {
        event.name: [field.name for field in fields(event)]
        for event in (*FRAME_EVENTS.values(), ConversationStands, WordsBlanked)
    }
    assert all(f"`{code}`" in told for code in RunErrorCode)


def test_streams_of_jobs_and_activity_name_their_view(schema: dict[str, Any]) -> None:
    for name, view in (("get_job_stream", "JobView"), ("get_activity_stream", "ActivityView")):
        content = operation(schema, name)["responses"]["200"]["content"]["text/event-stream"]
        assert view in content["schema"]["description"]
        assert view in schema["components"]["schemas"]
