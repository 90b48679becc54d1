from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from domain.actors import Actor, ActorType
from domain.conversations import (
    ConversationStands,
    ConversationStatus,
    HandledBy,
    Handler,
    IdentifiedHandler,
    Notice,
    Standing,
    WordsBlanked,
)
from domain.ids import MessageId

MARIA = Actor(ActorType.USER, uuid4(), "Maria")
FRESH = Standing(
    status=ConversationStatus.OPEN,
    handled_by=HandledBy.ASSISTANT,
    handler=None,
    waiting=False,
    blanked=frozenset(),
)
TAKEN = replace(FRESH, handled_by=HandledBy.HUMAN, handler=MARIA)
FIRST, SECOND = MessageId(UUID(int=1)), MessageId(UUID(int=2))


@pytest.mark.parametrize(
    ("identified", "handler"), [(False, Handler(name="Maria")), (True, IdentifiedHandler(name="Maria", id=MARIA.id))]
)
def test_who_has_taken_over_is_told_by_name_and_further_only_to_members(*, identified: bool, handler: Handler) -> None:
    stands = ConversationStands(
        status=ConversationStatus.OPEN, handled_by=HandledBy.HUMAN, handler=handler, waiting=False
    )

    assert TAKEN.since(FRESH, identified=identified) == (Notice(stands),)


def test_who_knows_nothing_is_told_everything_and_who_knows_it_nothing() -> None:
    now = replace(TAKEN, blanked=frozenset({SECOND, FIRST}))
    stands, *blanked = now.since(None, identified=False)

    assert isinstance(stands.event, ConversationStands)
    assert blanked == [Notice(WordsBlanked(message_id=FIRST)), Notice(WordsBlanked(message_id=SECOND))]
    assert now.since(now, identified=False) == ()


def test_of_what_is_blanked_only_what_is_new_is_told() -> None:
    before, now = (replace(FRESH, blanked=frozenset(blanked)) for blanked in ([FIRST], [FIRST, SECOND]))

    assert now.since(before, identified=True) == (Notice(WordsBlanked(message_id=SECOND)),)
    assert before.since(now, identified=True) == ()
