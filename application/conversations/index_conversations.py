from dataclasses import dataclass
from typing import ClassVar, Protocol

from application.knowledge.indexing import Content, IndexingWork, find_by_meaning, find_by_words
from application.ports.clock import Clock
from application.ports.conversations import Conversations, ConversationViews, Messages
from application.ports.jobs import JobProgress, JobQueue
from application.ports.unit_of_work import Begin
from application.ports.workspaces import Workspaces
from domain.conversations import Message, MessageRole
from domain.errors import NotFound
from domain.ids import ConversationId
from domain.jobs import RUNS_KEPT, Claim, JobSpec
from domain.knowledge import Source, SourceKind, Standing, heading_of_said
from domain.workspaces import Workspace

BATCH = 100
"""How many conversations are looked at in one turn."""
AT_ONCE = 20
"""How many messages are indexed in one unit of work: as long it lasts, nobody speaks in their conversation."""
_NAMES = {MessageRole.VISITOR: "Visitor", MessageRole.MEMBER: "Member", MessageRole.ASSISTANT: "Assistant"}
"""Who said it: no names of people, who may be forgotten while the conversation is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexConversations(JobSpec):
    """Have what is said in visitors' conversations found by members."""

    type: ClassVar[str] = "index_conversations"

    @property
    def unique_key(self) -> str | None:
        return "all"


class IndexingConversationsWork(IndexingWork, Protocol):
    """What makes conversations findable touches."""

    conversations: Conversations
    messages: Messages
    workspaces: Workspaces


@dataclass(frozen=True, slots=True)
class ConversationsIndexer:
    """Makes findable what was said since it last looked: not in the requests that say it, which are to be quick."""

    begin: Begin[IndexingConversationsWork]
    views: ConversationViews
    queue: JobQueue
    clock: Clock

    async def __call__(self, _job: IndexConversations, claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many messages it looked at. Begun again after a crash, it goes on.

        Raises:
            JobCancelled: somebody asked it to stop; what was done stays done.
            LeaseLost: the job is not ours any more.
        """
        number = 0
        while batch := await self.views.unindexed(BATCH):
            for conversation_id in batch:
                number += await self._index(conversation_id, claim)
            await progress.report(0, f"{number} messages")
        await self.queue.forget(IndexConversations.type, self.clock.now() - RUNS_KEPT)
        await progress.report(100, f"{number} messages")

    async def _index(self, conversation_id: ConversationId, claim: Claim) -> int:
        """How many of its messages were looked at. It is locked, so that none of them is blanked at the same time."""
        async with self.begin(claim) as work:
            try:
                conversation = await work.conversations.lock(conversation_id)
            except NotFound:  # erased since
                return 0
            workspace = await work.workspaces.get(conversation.workspace_id)
            said = await work.messages.after(conversation_id, conversation.indexed_messages, AT_ONCE)
            for message in said:
                await self._have_found(work, message, workspace)
            if said:
                await find_by_meaning(work, conversation.workspace_id, self.clock.now())
            position = said[-1].position if said else conversation.message_count
            await work.conversations.mark_indexed(conversation_id, position)
            return await work.commit(len(said))

    async def _have_found(self, work: IndexingConversationsWork, message: Message, workspace: Workspace) -> None:
        if not message.is_findable:
            return
        source = Source(SourceKind.VISITOR_MESSAGE, message.id)
        heading = heading_of_said(_NAMES[message.role], message.created_at, workspace.timezone)
        content = Content(message.content, workspace.language, heading)
        standing, now = Standing(at=message.created_at), self.clock.now()
        await find_by_words(work, message.workspace_id, source, content, standing, now)
