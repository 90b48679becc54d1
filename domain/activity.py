"""The activity stream: what happened in a workspace, never changed and never removed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

from domain.actors import Actor, Subject
from domain.ids import WorkspaceId
from domain.json import JsonValue, json_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact of a workspace's history.

    A subclass names its `type` (`<noun>.<past participle>`) and `subject`; its own fields become `data`. They hold ids,
    names of things and numbers, never what a visitor wrote or who they are: events outlive an erasure.
    """

    type: ClassVar[str]
    workspace_id: WorkspaceId
    actor: Actor
    at: datetime

    @property
    def subject(self) -> Subject:
        """What the event happened to."""
        raise NotImplementedError

    @property
    def topics(self) -> tuple[str, ...]:
        """What the commit of this event rings besides the workspace's activity."""
        return ()

    @property
    def data(self) -> Mapping[str, JsonValue]:
        """The subclass's own fields, as JSON."""
        common = {field.name for field in fields(Event)}
        own = (field.name for field in fields(self) if field.name not in common)
        return {name: json_of(getattr(self, name)) for name in own}


def activity_topic(workspace_id: WorkspaceId) -> str:
    """What rings when the workspace's activity grows."""
    return f"activity:{workspace_id}"
