from dataclasses import dataclass
from datetime import datetime

from application.conversations.generate_reply import GenerateReply
from application.conversations.stop_run import stop_run
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView, RunView
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.conversations import Conversation, HandledBy, IfBusy, Message, MessagePosted, Run, admit
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
    """The message, and the run that will answer it; None while a person handles the conversation."""

    message: MessageView
    run: RunView | None


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Takes a visitor's message and has the assistant answer it: message, run and job exist together or not at all."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, command: PostMessageCommand) -> PostedMessage:
        """The message, and its run if the assistant is to answer.

        Raises:
            NotFound: it is not the caller's conversation. Invalid: the content cannot be taken.
            ConversationClosed, RunInProgress, TooManyWaiting: not now.
        """
        caller.must_speak_in(command.conversation_id)
        async with self.begin() as work:
            conversation = await self._lock_with_room(work, command)
            now = self.clock.now()  # not before it is locked, so that times follow positions
            conversation, message = conversation.said_by_visitor(command.content, now)
            await work.messages.add(message, because=_posted(message))
            conversation, run = await self._ask_assistant(work, conversation, message, now)
            await work.conversations.save(conversation)
            posted = PostedMessage(message=MessageView.of(message), run=RunView.of(run) if run else None)
            return await work.commit(posted)

    async def _ask_assistant(
        self, work: ConversationsWork, conversation: Conversation, message: Message, now: datetime
    ) -> tuple[Conversation, Run | None]:
        if conversation.handled_by is HandledBy.HUMAN:
            return conversation, None
        conversation, run = Run.answering(message, conversation, now)
        await work.runs.add(run)
        await work.jobs.add(Job.of(GenerateReply.of(run), now, identifier=run.job_id))
        return conversation, run

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
