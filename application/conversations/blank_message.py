from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.conversations.briefing import CompanionWork
from application.conversations.stop_run import stop_run
from application.memories.change_memory import remove_memory
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, ConversationViews
from application.ports.run_log import RunLog
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.actors import Actor
from domain.conversations import Conversation, Message, MessageBlanked
from domain.errors import NotFound
from domain.ids import MessageId, RunId
from domain.knowledge import Source, SourceKind
from domain.memories import MemoryRemoved, MemorySource, MemorySourceType


@dataclass(frozen=True, slots=True)
class BlankMessage:
    """Takes the content of a message away for good: nobody finds it any more, and runs keep nothing of it.

    With a reply goes what its run wrote, looked up and was told; with a question what was looked up for it, and the
    replies still being made to it are stopped. What a companion remembers of the message is deleted, too, which its
    owner can undo for 30 days.
    """

    begin: Begin[CompanionWork]
    views: ConversationViews
    log: RunLog
    clock: Clock

    async def __call__(self, caller: Caller, message_id: MessageId) -> None:
        """Nothing; its place stays, and whose it was.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        conversation_id = await self.views.conversation_of(message_id)
        if conversation_id is None:
            raise NotFound
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            conversation.place.must_admit(caller, Permission.CONVERSATION_WRITE)
            message = await work.messages.get(conversation_id, message_id)
            because = _blanked(message, conversation, caller.actor, self.clock.now())
            run_ids = await _blank(work, message, because)
            await work.commit(None)
        await self.log.drop(run_ids)


def _blanked(message: Message, conversation: Conversation, by: Actor, at: datetime) -> MessageBlanked:
    return MessageBlanked(
        workspace_id=message.workspace_id,
        actor=by,
        at=at,
        told_to=conversation.user_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
    )


async def _blank(work: CompanionWork, message: Message, because: MessageBlanked) -> Sequence[RunId]:
    """The runs whose logs hold what was taken away."""
    if message.blanked_at is not None:
        return []
    await work.messages.save(message.blanked(because.at), because=because)
    run_ids = await _forget_answers(work, message, because.actor, because.at)
    # The conversation's view shows an excerpt: who has its old version has not seen this.
    await work.conversations.save(await work.conversations.lock(message.conversation_id))
    if message.run_id is not None:
        await work.runs.save((await work.runs.get(message.run_id)).blanked())
        run_ids = [message.run_id]
    await _forget_memories(work, message, because)
    # Last, as who deletes a memory locks it before what is found of its message.
    for kind in (SourceKind.MESSAGE, SourceKind.VISITOR_MESSAGE):
        await work.passages.remove(Source(kind, message.id))
    return run_ids


async def _forget_memories(work: CompanionWork, message: Message, because: MessageBlanked) -> None:
    """Deletes what the user whose companion it was said to has remembered of the message."""
    if because.told_to is None:
        return
    source = MemorySource(MemorySourceType.MESSAGE, message.id)
    await work.memory_policies.get(message.workspace_id)  # before the memories are locked, as everybody does
    for memory in await work.memories.of_source(message.workspace_id, because.told_to, source):
        await remove_memory(work, memory, MemoryRemoved.of(memory, by=because.actor, at=because.at))


async def _forget_answers(work: ConversationsWork, question: Message, by: Actor, at: datetime) -> Sequence[RunId]:
    """Stops the replies being made to a question; the others forget what was looked up for them, which may quote it."""
    forgotten: list[RunId] = []
    for run in await work.runs.answering(question):
        ended = run if run.ended else await stop_run(work, run, by=by, at=at)
        if ended.ended:
            await work.runs.save(ended.without_steps())
            forgotten.append(ended.id)
    return forgotten
