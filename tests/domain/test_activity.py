from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest

from domain.activity import Event, activity_topic
from domain.actors import SYSTEM, Subject
from domain.ids import WorkspaceId

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORKSPACE = WorkspaceId(UUID(int=7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried(Event):
    type: ClassVar[str] = "thing.tried"
    fields: object

    @property
    def subject(self) -> Subject:
        return Subject("thing", UUID(int=8))


def tried(fields: object) -> Tried:
    return Tried(workspace_id=WORKSPACE, actor=SYSTEM, at=AT, fields=fields)


def test_an_events_data_is_its_own_fields_as_json() -> None:
    values = (UUID(int=9), AT, ("a", 1), [None, True], 1.5)
    assert tried(values).data == {
        "fields": ["00000000-0000-0000-0000-000000000009", "2026-03-02T09:00:00Z", ["a", 1], [None, True], 1.5]
    }


def test_what_is_not_json_cannot_be_an_events_data() -> None:
    with pytest.raises(TypeError, match="bytes"):
        _ = tried(b"secret").data


def test_an_event_rings_nothing_besides_the_activity() -> None:
    assert tried(1).topics == ()
    assert activity_topic(WORKSPACE) == f"activity:{WORKSPACE}"


def test_an_event_must_name_its_subject() -> None:
    with pytest.raises(NotImplementedError):
        _ = Event(workspace_id=WORKSPACE, actor=SYSTEM, at=AT).subject
