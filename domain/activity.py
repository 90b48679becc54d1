"""The activity stream: what happened in a workspace, never changed and never removed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

from domain.actors import Actor, Subject
from domain.ids import UserId, WorkspaceId
from domain.json import JsonValue, json_of

TOLD_TO = "told_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact of a workspace's history.

    A subclass names its `type` (`<noun>.<past participle>`) and `subject`; its own fields become `data`. They hold ids,
    names of things and numbers, never what a visitor wrote or who they are: events outlive an erasure.

    Attributes:
        told_to: who alone is shown it; None is every member.
    """

    type: ClassVar[str]
    workspace_id: WorkspaceId
    actor: Actor
    at: datetime
    told_to: UserId | None = None

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
        """The subclass's own fields, as JSON, and under `TOLD_TO` who alone is shown it, if somebody is."""
        common = {field.name for field in fields(Event)}
        own = (field.name for field in fields(self) if field.name not in common)
        told = {} if self.told_to is None else {TOLD_TO: json_of(self.told_to)}
        return {name: json_of(getattr(self, name)) for name in own} | told


def activity_topic(workspace_id: WorkspaceId) -> str:
    """What rings when the workspace's activity grows."""
    return f"activity:{workspace_id}"
