import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import SYSTEM, Subject
from domain.errors import Invalid
from domain.ids import UserId
from domain.timezones import check_timezone
from domain.workspaces import (
    HANDLE_LENGTHS,
    HANDLE_PATTERN,
    KNOWLEDGE_BASE_BYTES,
    RESERVED_HANDLES,
    Assistant,
    BusinessType,
    Handle,
    PersonalWorkspace,
    Tone,
    Workspace,
    WorkspaceChanges,
    WorkspaceCreated,
    WorkspaceEdited,
    WorkspaceLimits,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def a_workspace() -> Workspace:
    return Workspace.personal_of(UserId(uuid4()), "Ada", Handle("ada"), AT)


def edited(**changes: Any) -> Workspace:
    return a_workspace().edited(cast("WorkspaceChanges", changes), LATER)


def is_valid(handle: str) -> bool:
    least, most = HANDLE_LENGTHS
    shaped = re.search(HANDLE_PATTERN, handle) is not None and "\n" not in handle
    return least <= len(handle) <= most and shaped and handle not in RESERVED_HANDLES


@given(st.text())
def test_a_handle_made_of_any_text_is_valid(email: str) -> None:
    assert is_valid(str(Handle.from_email(email)))


@given(st.from_regex(r"[a-z0-9.+_-]{1,80}@(example\.com)", fullmatch=True), st.integers(2, 10**9))
def test_a_numbered_handle_is_valid_and_ends_with_its_number(email: str, number: int) -> None:
    handle = Handle.from_email(email).numbered(number)
    assert is_valid(str(handle))
    assert str(handle).endswith(f"-{number}")


@pytest.mark.parametrize("word", sorted(RESERVED_HANDLES))
def test_a_reserved_word_is_no_handle_and_is_never_made(word: str) -> None:
    with pytest.raises(Invalid):
        Handle(word)
    assert is_valid(str(Handle.from_email(f"{word}@example.com")))


@pytest.mark.parametrize(
    ("email", "handle"),
    [
        ("ada.lovelace@example.com", "ada-lovelace"),
        ("Ada+News@example.com", "ada-news"),
        ("Žofie.Dvořák@example.com", "zofie-dvorak"),
        ("jo@example.com", "jo-space"),
        ("admin@example.com", "admin-space"),
        ("@example.com", "example-com"),
        ("李@example.com", "space"),
        ("a" * 90, "a" * 57),
        ("", "space"),
    ],
)
def test_a_handle_is_made_of_the_local_part(email: str, handle: str) -> None:
    assert str(Handle.from_email(email)) == handle


@pytest.mark.parametrize("value", ["abc", "a-b", "1-2-3", "x" * 63])
def test_lower_case_letters_digits_and_single_hyphens_make_a_handle(value: str) -> None:
    assert str(Handle(value)) == value


@pytest.mark.parametrize(
    "value", ["ab", "", "x" * 64, "Abc", "-abc", "abc-", "a--b", "a_b", "a b", "abc\n", "žžž", "\u0661\u0662\u0663"]
)
def test_anything_else_is_no_handle(value: str) -> None:
    with pytest.raises(Invalid) as raised:
        Handle(value)
    assert raised.value.faults[0].pointer == "/handle"


def test_a_personal_workspace_is_named_after_its_user() -> None:
    user = UserId(uuid4())
    workspace = Workspace.personal_of(user, "Ada", Handle("ada"), AT)
    assert (workspace.name, workspace.personal, workspace.owner_id, workspace.version) == ("Ada", True, user, 1)
    assert Workspace.personal_of(user, "", Handle("ada"), AT).name == "ada"


def test_all_fields_can_be_edited_at_once() -> None:
    workspace = edited(
        handle="harbour",
        name=" Harbour ",
        business_type="business",
        tone="formal",
        timezone="Europe/Prague",
        language="pt-BR",
        public_name="Harbour Studio",
        subtitle="By the sea",
        description="A studio.",
        active=False,
        embed_origins=["https://Example.com/", "https://example.com", "http://localhost:3000"],
        assistant={"instructions": "Be kind.", "greeting": "Ahoj!", "suggested_questions": ["Kolik?"], "model": "m"},
        limits={"tokens_per_day": 5, "tokens_per_conversation": None, "tokens_per_visitor": 0},
        knowledge_base="# Prices",
    )
    assert workspace == replace(
        workspace,
        handle=Handle("harbour"),
        name="Harbour",
        business_type=BusinessType.BUSINESS,
        tone=Tone.FORMAL,
        timezone="Europe/Prague",
        language="pt-BR",
        public_name="Harbour Studio",
        subtitle="By the sea",
        description="A studio.",
        active=False,
        embed_origins=("https://example.com", "http://localhost:3000"),
        assistant=Assistant(instructions="Be kind.", greeting="Ahoj!", suggested_questions=("Kolik?",), model="m"),
        limits=WorkspaceLimits(tokens_per_day=5, tokens_per_conversation=None, tokens_per_visitor=0),
        knowledge_base="# Prices",
        updated_at=LATER,
        created_at=AT,
        version=1,
    )


def test_null_clears_what_can_be_empty() -> None:
    changes: dict[str, Any] = dict.fromkeys(
        ["public_name", "subtitle", "description", "embed_origins", "knowledge_base"]
    )
    workspace = edited(
        **changes,
        assistant=dict.fromkeys(["instructions", "greeting", "suggested_questions", "model"]),
        limits={"tokens_per_day": None},
    )
    assert replace(workspace, updated_at=AT, id=workspace.id) == replace(
        a_workspace(), id=workspace.id, owner_id=workspace.owner_id
    )


def test_fields_that_are_absent_stay_as_they_are() -> None:
    workspace = edited(assistant={"greeting": "Hi", "model": "m"}).edited({"assistant": {"greeting": "Ahoj"}}, LATER)
    assert workspace.assistant == Assistant(greeting="Ahoj", model="m")
    assert workspace.edited({}, LATER) == workspace


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("handle", "No Handle", "/handle"),
        ("handle", "admin", "/handle"),
        ("name", " ", "/name"),
        ("name", "x" * 201, "/name"),
        ("timezone", "Mars/Olympus", "/timezone"),
        ("timezone", "", "/timezone"),
        ("language", "english language", "/language"),
        ("language", "e", "/language"),
        ("public_name", "x" * 201, "/public_name"),
        ("subtitle", "x" * 301, "/subtitle"),
        ("description", "x" * 5_001, "/description"),
        ("description", "\x00", "/description"),
        ("embed_origins", ["example.com"], "/embed_origins"),
        ("embed_origins", ["ftp://example.com"], "/embed_origins"),
        ("embed_origins", ["https://example.com/path"], "/embed_origins"),
        ("embed_origins", ["https://user@example.com"], "/embed_origins"),
        ("embed_origins", ["https://example.com:0"], "/embed_origins"),
        ("embed_origins", ["https://example.com:port"], "/embed_origins"),
        ("embed_origins", ["https://[broken"], "/embed_origins"),
        ("embed_origins", ["https://a.com; script-src *"], "/embed_origins"),
        ("embed_origins", ["https://a.com"] * 51, "/embed_origins"),
        ("assistant", {"instructions": "x" * 20_001}, "/assistant/instructions"),
        ("assistant", {"greeting": "x" * 1_001}, "/assistant/greeting"),
        ("assistant", {"suggested_questions": ["x"] * 11}, "/assistant/suggested_questions"),
        ("assistant", {"suggested_questions": [""]}, "/assistant/suggested_questions"),
        ("assistant", {"model": "x" * 201}, "/assistant/model"),
        ("limits", {"tokens_per_day": -1}, "/limits/tokens_per_day"),
        ("limits", {"tokens_per_day": 10**12 + 1}, "/limits/tokens_per_day"),
        ("limits", {"tokens_per_conversation": -1}, "/limits/tokens_per_conversation"),
        ("limits", {"tokens_per_visitor": -1}, "/limits/tokens_per_visitor"),
        ("knowledge_base", "x" * (KNOWLEDGE_BASE_BYTES + 1), "/knowledge_base"),
        ("knowledge_base", "é" * (KNOWLEDGE_BASE_BYTES // 2 + 1), "/knowledge_base"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(field: str, value: object, pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        edited(**{field: value})
    assert [fault.pointer for fault in raised.value.faults] == [pointer]


def test_every_field_that_cannot_be_taken_is_named_at_once() -> None:
    with pytest.raises(Invalid) as raised:
        edited(name="", timezone="x", assistant={"greeting": "x" * 1_001, "model": "x" * 201})
    pointers = [fault.pointer for fault in raised.value.faults]
    assert pointers == ["/name", "/timezone", "/assistant/greeting", "/assistant/model"]


@pytest.mark.parametrize("size", [KNOWLEDGE_BASE_BYTES])
def test_a_knowledge_base_may_have_a_mebibyte(size: int) -> None:
    assert len(edited(knowledge_base="é" * (size // 2)).knowledge_base.encode()) == size


@given(st.text(max_size=40))
def test_an_origin_that_was_taken_holds_a_scheme_and_a_host_and_nothing_else(value: str) -> None:
    try:
        (origin,) = edited(embed_origins=[f"https://{value}"]).embed_origins
    except Invalid:
        return
    assert re.fullmatch(r"https://[\w.:\[\]-]+", origin, re.ASCII)


@pytest.mark.parametrize("name", ["UTC", "Europe/Prague", "America/Argentina/Buenos_Aires"])
def test_an_iana_time_zone_is_taken(name: str) -> None:
    assert check_timezone(name) == name


@pytest.mark.parametrize("name", ["CEST", "../etc/passwd", "Europe", "europe/prague", "UTC+1"])
def test_no_other_time_zone_is(name: str) -> None:
    with pytest.raises(Invalid):
        check_timezone(name)


def test_events_of_a_workspace_are_about_it() -> None:
    workspace = a_workspace()
    created = WorkspaceCreated(workspace_id=workspace.id, actor=SYSTEM, at=AT, handle="ada")
    assert (created.subject, created.data) == (Subject("workspace", workspace.id), {"handle": "ada"})


def test_what_is_told_of_an_edit_is_what_was_and_what_is_but_of_knowledge_only_the_size() -> None:
    before = a_workspace()
    changes: WorkspaceChanges = {
        "handle": "atelier",
        "tone": Tone.FORMAL,
        "embed_origins": ["https://one.example"],
        "limits": {"tokens_per_day": 5},
        "knowledge_base": "Černá",
    }
    after = before.edited(changes, LATER)
    told = WorkspaceEdited.of(before, after, changes.keys(), by=SYSTEM)
    assert told.at == LATER
    unlimited = {"tokens_per_day": None, "tokens_per_conversation": 500_000, "tokens_per_visitor": 1_000_000}
    assert told.data == {
        "fields": ["embed_origins", "handle", "knowledge_base", "limits", "tone"],
        "before": {
            "embed_origins": [],
            "handle": str(before.handle),
            "limits": unlimited,
            "tone": "friendly",
            "knowledge_base_bytes": 0,
        },
        "after": {
            "embed_origins": ["https://one.example"],
            "handle": "atelier",
            "limits": {**unlimited, "tokens_per_day": 5},
            "tone": "formal",
            "knowledge_base_bytes": 7,
        },
    }


def test_a_shared_workspace_belongs_to_nobody_alone_and_is_deleted_by_its_handle() -> None:
    shared = Workspace.shared(" Studio ", Handle("studio"), AT)
    assert (shared.name, shared.personal, shared.owner_id, shared.version) == ("Studio", False, None, 1)
    shared.must_be_confirmed("studio")
    for wrong in ("", "Studio", "studio "):
        with pytest.raises(Invalid) as caught:
            shared.must_be_confirmed(wrong)
        assert [fault.pointer for fault in caught.value.faults] == ["/confirm"]
    with pytest.raises(PersonalWorkspace):
        a_workspace().must_be_confirmed(str(a_workspace().handle))
    with pytest.raises(Invalid):
        Workspace.shared(" ", Handle("studio"), AT)
