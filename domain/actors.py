"""Who does everything, and what it is done to."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorType(StrEnum):
    """The kinds of those who act."""

    USER = "user"
    AGENT = "agent"
    VISITOR = "visitor"
    DEVICE = "device"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone or something that acts; a visitor's `name` is never their own, so that no trace of them stays behind."""

    type: ActorType
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event or a job speaks of: the noun of a resource, and its id."""

    type: str
    id: UUID


FORMER_MEMBER = "Former member"
"""The name of a user who is gone."""
SYSTEM = Actor(ActorType.SYSTEM, UUID(int=0), "Flightdeck")
ASSISTANT = Actor(ActorType.AGENT, UUID(int=1), "Assistant")
_NAMES = {SYSTEM.id: SYSTEM.name, ASSISTANT.id: ASSISTANT.name}


def named(type_: ActorType, id_: UUID, name: str | None = None) -> Actor:
    """The actor of this id; `name` is that of a user or an agent, None when it is not known any more."""
    if type_ is ActorType.VISITOR:
        return Actor(type_, id_, "Visitor")
    return Actor(type_, id_, _NAMES.get(id_) or name or (FORMER_MEMBER if type_ is ActorType.USER else type_.title()))
