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


SYSTEM = Actor(ActorType.SYSTEM, UUID(int=0), "Flightdeck")
ASSISTANT = Actor(ActorType.AGENT, UUID(int=1), "Assistant")
