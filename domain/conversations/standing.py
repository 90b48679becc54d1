"""How a conversation stands: what its followers are told besides the words, as state and not as history."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.actors import Actor
from domain.conversations.conversation import ConversationStatus, HandledBy
from domain.ids import MessageId

BLANKED_TOLD = 100
"""As many of the messages that were blanked last are told of to who begins to follow; the others are long gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """Who has taken a conversation over, as its visitor knows them."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedHandler(Handler):
    """Who has taken a conversation over, as other members know them."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationStands:
    """Who answers now, and whether a person was asked for who has not come yet."""

    name: ClassVar[str] = "conversation"
    status: ConversationStatus
    handled_by: HandledBy
    handler: Handler | None
    waiting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsBlanked:
    """The content of a message is gone, whatever a frame before or after this one shows of it."""

    name: ClassVar[str] = "message_blanked"
    message_id: MessageId


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is so now: it has no place among the frames, and is told anew to who resumes."""

    event: ConversationStands | WordsBlanked
    id: ClassVar[None] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a conversation stands at one moment.

    Attributes:
        waiting: whether a person was asked for who has not come yet.
        blanked: the messages whose content was taken away last, `BLANKED_TOLD` at most.
    """

    status: ConversationStatus
    handled_by: HandledBy
    handler: Actor | None
    waiting: bool
    blanked: frozenset[MessageId]

    def since(self, before: "Standing | None", *, identified: bool) -> tuple[Notice, ...]:
        """What is to be told to one who was told how it stood `before`; None was told nothing.

        Args:
            before: what they know.
            identified: whether they may know who a handler is, and not only their name.
        """
        stands = _stands(self, identified=identified)
        known = _stands(before, identified=identified) if before else None
        fresh = self.blanked - before.blanked if before else self.blanked
        told = () if stands == known else (Notice(stands),)
        return (*told, *(Notice(WordsBlanked(message_id=message_id)) for message_id in sorted(fresh)))


def _stands(standing: Standing, *, identified: bool) -> ConversationStands:
    return ConversationStands(
        status=standing.status,
        handled_by=standing.handled_by,
        handler=_handler(standing.handler, identified=identified) if standing.handler else None,
        waiting=standing.waiting,
    )


def _handler(actor: Actor, *, identified: bool) -> Handler:
    return IdentifiedHandler(name=actor.name, id=actor.id) if identified else Handler(name=actor.name)
