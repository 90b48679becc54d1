"""A conversation in which a visitor, a member and the assistant talk, in short words."""

from datetime import timedelta

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.blank_message import BlankMessage
from application.conversations.edit_conversation import EditConversation
from application.conversations.hand_back import HandBack
from application.conversations.post_as_member import PostAsMember
from application.conversations.retry_run import RetryRun
from application.conversations.take_over import TakeOver
from application.ports.conversations import RunView
from application.ports.language_model import ModelUnavailable
from domain.access import Caller
from domain.conversations import ConversationStatus, Message, Run
from domain.ids import MessageId, RunId
from tests.application.conversations.script import saying
from tests.application.world import Visit, World


class Talk:
    """A conversation of a workspace whose owner is there, too."""

    def __init__(self, world: World, owner: Caller, visit: Visit) -> None:
        self.world = world
        self.owner = owner
        self.visit = visit

    @classmethod
    async def begun(cls, world: World) -> "Talk":
        owner, workspace = await world.owner()
        return cls(world, owner, await world.visit(workspace.handle))

    async def ask(self, content: str) -> None:
        await self.world.say(self.visit, content)

    async def help(self, content: str) -> None:
        self.world.clock.advance(timedelta(milliseconds=1))
        post = PostAsMember(self.world.begin, self.world.clock)
        await post(self.owner, self.visit.conversation_id, content)

    async def reply(self, text: str) -> None:
        await self.world.reply(await self.world.claim(), ScriptedLanguageModel(saying(text)))

    async def fail(self) -> None:
        """The reply fails before its first word."""
        await self.world.reply(await self.world.claim(), ScriptedLanguageModel([ModelUnavailable("as planned")]))

    async def retry(self, run_id: RunId) -> RunView:
        return (await RetryRun(self.world.begin, self.world.clock)(self.owner, run_id)).run

    async def take_over(self) -> None:
        await TakeOver(self.world.begin, self.world.clock)(self.owner, self.visit.conversation_id)

    async def hand_back(self) -> None:
        await HandBack(self.world.begin, self.world.clock)(self.owner, self.visit.conversation_id)

    async def edit(self, status: ConversationStatus) -> None:
        edit = EditConversation(self.world.begin, self.world.clock)
        await edit(self.owner, self.visit.conversation_id, {"status": status})

    async def blank(self, message_id: MessageId) -> None:
        world = self.world
        await BlankMessage(world.begin, world.conversations, world.log, world.clock)(self.owner, message_id)

    def saying(self, content: str) -> MessageId:
        """The id of the message with these words."""
        return next(message.id for message in self.messages() if message.content == content)

    def messages(self) -> list[Message]:
        """All messages of the conversation, in order of arrival."""
        messages = self.world.store.messages.rows.values()
        of_this = (message for message in messages if message.conversation_id == self.visit.conversation_id)
        return sorted(of_this, key=lambda message: message.position)

    def runs(self) -> list[Run]:
        """All runs of the conversation, in order."""
        runs = [run for run in self.world.store.runs.rows.values() if run.conversation_id == self.visit.conversation_id]
        return sorted(runs, key=lambda run: run.turn)
