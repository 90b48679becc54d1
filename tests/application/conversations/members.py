"""The members' side of a visit, in the short words in which tests speak to it."""

from dataclasses import dataclass

from application.conversations.edit_conversation import EditConversation
from application.conversations.hand_back import HandBack
from application.conversations.post_as_member import PostAsMember
from application.conversations.post_message import PostedMessage
from application.conversations.take_over import TakeOver
from application.ports.activity import ActivityView
from application.ports.conversation_lists import ConversationView
from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.conversations import Conversation, ConversationChanges
from domain.ids import UserId, new_id
from tests.application.world import Visit, World


def a_member(world: World, visit: Visit, name: str = "Maria", role: Role = Role.MEMBER) -> Caller:
    """A user who has this role in the workspace of the visit."""
    actor = Actor(ActorType.USER, UserId(new_id(world.clock.now())), name)
    return Caller(actor=actor, grants={stored(world, visit).workspace_id: Grant.of(role)})


def stored(world: World, visit: Visit) -> Conversation:
    """The conversation as it is stored."""
    return world.store.conversations.rows[visit.conversation_id]


def told(world: World, visit: Visit, type_: str) -> list[ActivityView]:
    """The events of this type in the workspace of the visit."""
    return [event for event in world.events(stored(world, visit).workspace_id) if event.type == type_]


@dataclass(frozen=True, slots=True)
class Side:
    """A member at a visit."""

    world: World
    visit: Visit
    caller: Caller

    async def take_over(self, expected: int | None = None) -> ConversationView:
        take_over = TakeOver(self.world.begin, self.world.clock)
        return await take_over(self.caller, self.visit.conversation_id, expected)

    async def hand_back(self, expected: int | None = None) -> ConversationView:
        hand_back = HandBack(self.world.begin, self.world.clock)
        return await hand_back(self.caller, self.visit.conversation_id, expected)

    async def say(self, content: str = "Maria here.") -> PostedMessage:
        post = PostAsMember(self.world.begin, self.world.clock)
        return await post(self.caller, self.visit.conversation_id, content)

    async def edit(self, changes: ConversationChanges, expected: int | None = None) -> ConversationView:
        edit = EditConversation(self.world.begin, self.world.clock)
        return await edit(self.caller, self.visit.conversation_id, changes, expected)
