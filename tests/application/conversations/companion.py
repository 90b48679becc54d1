"""A user with their companion, in the short words in which tests speak to them."""

from dataclasses import dataclass
from datetime import timedelta

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.memories import MemoryMemoryViews
from adapters.offline.language_model import OfflineLanguageModel
from application.conversations.post_as_member import PostAsMember
from application.conversations.post_message import PostedMessage
from application.conversations.start_companion import StartCompanion
from application.memories.add_memory import AddMemory
from application.memories.find_similar import FindSimilar
from application.memories.rebuild_profile import SETTLED, ProfileRebuilder, RebuildProfile
from application.ports.language_model import LanguageModel
from application.ports.memories import MemoryView
from domain.access import Caller, Grant, Role
from domain.conversations import IfBusy, Message, Run
from domain.identity import User
from domain.ids import ConversationId, UserId, WorkspaceId
from domain.memories import Tier
from domain.workspaces import Membership
from tests.application.world import LEASE, World


@dataclass(frozen=True, slots=True)
class Talk:
    """A user's conversation with their companion."""

    world: World
    caller: Caller
    workspace_id: WorkspaceId
    conversation_id: ConversationId

    async def say(self, content: str, if_busy: IfBusy = IfBusy.QUEUE) -> PostedMessage:
        self.world.clock.advance(timedelta(milliseconds=1))
        post = PostAsMember(self.world.begin, self.world.clock)
        return await post(self.caller, self.conversation_id, content, if_busy)

    async def ask(self, content: str, model: LanguageModel | None = None) -> Run:
        """The run that answers it, which has ended."""
        await self.say(content)
        claim = await self.world.claim()
        return await self.world.reply(claim, model or OfflineLanguageModel())

    def reply(self, run: Run) -> Message:
        return self.world.store.messages.rows[run.reply_message_id]

    async def has_told(self, content: str, tier: Tier = Tier.PERSONAL) -> MemoryView:
        """Something the user has had remembered before."""
        self.world.clock.advance(timedelta(milliseconds=1))
        views = MemoryMemoryViews(self.world.store)
        add = AddMemory(self.world.begin, views, FindSimilar(self.world.search, views), self.world.clock)
        memory, _ = await add(self.caller, self.workspace_id, {"content": content, "tier": tier})
        return memory


async def a_talk(world: World, email: str = "ada@example.com") -> Talk:
    """The owner of a workspace of their own, who has begun to talk with their companion."""
    caller, workspace = await world.owner(email)
    return await begun(world, caller, workspace.id)


async def begun(world: World, caller: Caller, workspace_id: WorkspaceId) -> Talk:
    """What this member has begun to talk of with their companion."""
    view = await StartCompanion(world.begin, world.clock)(caller, workspace_id)
    return Talk(world, caller, workspace_id, view.id)


def joined(world: World, workspace_id: WorkspaceId, role: Role) -> Caller:
    """Another user of the workspace, who is known."""
    user = User.new(None, "Max", world.clock.now())
    world.store.users.rows[user.id] = user
    member = Membership(workspace_id=workspace_id, user_id=user.id, role=role, joined_at=world.clock.now())
    world.store.memberships.rows[workspace_id, user.id] = member
    return Caller(actor=user.actor, grants={workspace_id: Grant.of(role)})


async def rebuild(talk: Talk) -> None:
    """The standing profile is made anew, as the worker does."""
    world = talk.world
    world.clock.advance(SETTLED)
    for claim in await world.queue.claim([RebuildProfile.type], 10, LEASE):
        job = RebuildProfile(workspace_id=talk.workspace_id, owner_id=UserId(talk.caller.actor.id))
        await ProfileRebuilder(world.begin, world.clock)(job, claim, MemoryJobProgress())
