from dataclasses import dataclass

from application.conversations.generate_reply import GenerateReply
from application.conversations.stop_run import stop_run
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView, RunView
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.conversations import Conversation, IfBusy, Message, MessagePosted, Run, admit
from domain.ids import ConversationId
from domain.jobs import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMessageCommand:
    """What a visitor says, and what becomes of it while the assistant still replies to something else."""

    conversation_id: ConversationId
    content: str
    if_busy: IfBusy = IfBusy.QUEUE


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMessage:
    """The message, and the run that will answer it."""

    message: MessageView
    run: RunView


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Takes a visitor's message and has the assistant answer it: message, run and job exist together or not at all."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, command: PostMessageCommand) -> PostedMessage:
        """The message and its run.

        Raises:
            NotFound: it is not the caller's conversation. Invalid: the content cannot be taken.
            ConversationClosed, RunInProgress, TooManyWaiting: not now.
        """
        caller.must_visit(command.conversation_id)
        async with self.begin() as work:
            conversation = await self._lock_with_room(work, command)
            now = self.clock.now()  # not before it is locked: jobs of a lane run in the order of this time
            conversation, message = conversation.said_by_visitor(command.content, now)
            conversation, run = Run.answering(message, conversation, now)
            await work.messages.add(message, because=_posted(message))
            await work.runs.add(run)
            await work.conversations.save(conversation)
            await work.jobs.add(Job.of(GenerateReply.of(run), now, identifier=run.job_id))
            return await work.commit(PostedMessage(message=MessageView.of(message), run=RunView.of(run)))

    async def _lock_with_room(self, work: ConversationsWork, command: PostMessageCommand) -> Conversation:
        conversation = await work.conversations.lock(command.conversation_id)
        active = await work.runs.active(conversation.id)
        admit(len(active), command.if_busy)
        if command.if_busy is not IfBusy.INTERRUPT or not active:
            return conversation
        for run in active:
            await stop_run(work, run, by=conversation.visitor_actor, at=self.clock.now())
        return await work.conversations.lock(command.conversation_id)


def _posted(message: Message) -> MessagePosted:
    return MessagePosted(
        workspace_id=message.workspace_id,
        actor=message.author,
        at=message.created_at,
        conversation_id=message.conversation_id,
        message_id=message.id,
    )
