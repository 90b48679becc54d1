from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.conversations import (
    OF_A_COMPANION,
    Conversation,
    ConversationChanges,
    ConversationClosed,
    ConversationKind,
    ConversationStatus,
    MessageRole,
    NotToBeTakenOver,
    Place,
)
from domain.errors import Forbidden, Invalid, NotFound
from domain.ids import UserId, WorkspaceId
from domain.permissions import KEY_PERMISSIONS, Permission

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORKSPACE, USER = WorkspaceId(UUID(int=7)), UserId(UUID(int=1))
ADA = Actor(ActorType.USER, USER, "Ada")
READ, WRITE = Permission.CONVERSATION_READ, Permission.CONVERSATION_WRITE
HERE, VISITED = Place(WORKSPACE, USER), Place(WORKSPACE)


def caller(actor: Actor = ADA, role: Role = Role.MEMBER, key: frozenset[Permission] | None = None) -> Caller:
    return Caller(actor=actor, grants={WORKSPACE: Grant.of(role, key)})


def a_talk() -> Conversation:
    return Conversation.with_companion(WORKSPACE, USER, AT)


def test_a_talk_is_its_users_alone() -> None:
    talk = a_talk()
    assert (talk.kind, talk.place) == (ConversationKind.COMPANION, HERE)
    assert Conversation.started(WORKSPACE, None, None, AT).place == VISITED


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", OF_A_COMPANION)
def test_no_role_opens_anothers(role: Role, permission: Permission) -> None:
    with pytest.raises(NotFound):
        HERE.must_admit(caller(Actor(ActorType.USER, uuid4(), "Max"), role), permission)


@pytest.mark.parametrize("type_", [each for each in ActorType if each is not ActorType.USER])
def test_nobody_but_a_user_has_a_companion_though_the_id_is_the_same(type_: ActorType) -> None:
    with pytest.raises(NotFound):
        HERE.must_admit(caller(Actor(type_, USER, "Ada"), Role.OWNER), READ)


def test_its_user_is_admitted_as_far_as_memory_is_theirs() -> None:
    HERE.must_admit(caller(), READ)
    HERE.must_admit(caller(), WRITE)
    HERE.must_admit(caller(role=Role.VIEWER), READ)
    with pytest.raises(Forbidden, match="memory:write"):
        HERE.must_admit(caller(role=Role.VIEWER), WRITE)
    with pytest.raises(NotFound):
        HERE.must_admit(Caller(actor=ADA), READ)


def test_a_key_opens_what_it_was_made_for() -> None:
    bridge = caller(key=frozenset({READ, WRITE}))
    VISITED.must_admit(bridge, WRITE)
    with pytest.raises(Forbidden, match="memory:read"):
        HERE.must_admit(bridge, READ)
    HERE.must_admit(caller(key=KEY_PERMISSIONS - {READ, WRITE}), WRITE)


def test_what_is_said_to_a_companion_is_the_members() -> None:
    talk, message = a_talk().said_to_companion(" Hello ", ADA, AT)
    assert (message.role, message.author, message.content) == (MessageRole.MEMBER, ADA, "Hello")
    assert (talk.message_count, talk.turns, talk.unanswered_since) == (1, 1, None)
    with pytest.raises(Invalid):
        talk.said_to_companion(" ", ADA, AT)


def test_a_closed_talk_takes_no_words() -> None:
    closed = a_talk().edited(ConversationChanges(status=ConversationStatus.CLOSED), AT)
    with pytest.raises(ConversationClosed, match="Open it again"):
        closed.said_to_companion("Hello", ADA, AT)


def test_no_person_stands_in_for_a_companion() -> None:
    with pytest.raises(NotToBeTakenOver):
        a_talk().taken_over(ADA, AT)
    assert a_talk().awaiting_person(AT).waiting_since is None
