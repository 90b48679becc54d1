from dataclasses import dataclass

from application.conversations.make_room import make_room
from application.conversations.take_message import take_message
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView, RunView
from application.ports.origins import Origins
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.conversations import IfBusy
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMessageCommand:
    """What a visitor says, and what becomes of it while the assistant still replies to something else.

    Attributes:
        address: where it comes from, which is never kept; None where that tells visitors not apart.
    """

    conversation_id: ConversationId
    content: str
    if_busy: IfBusy = IfBusy.QUEUE
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMessage:
    """The message, and the run that will answer it; None while a person handles the conversation."""

    message: MessageView
    run: RunView | None


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Takes a visitor's message and has the assistant answer it: message, run and job exist together or not at all."""

    begin: Begin[ConversationsWork]
    origins: Origins
    clock: Clock

    async def __call__(self, caller: Caller, command: PostMessageCommand) -> PostedMessage:
        """The message, and its run if the assistant is to answer.

        Raises:
            NotFound: it is not the caller's conversation. Invalid: the content cannot be taken.
            ConversationClosed, RunInProgress, TooManyWaiting: not now.
        """
        caller.must_speak_in(command.conversation_id)
        async with self.begin() as work:
            conversation = await work.conversations.lock(command.conversation_id)
            conversation = await make_room(
                work, conversation, command.if_busy, by=conversation.visitor_actor, at=self.clock.now()
            )
            now = self.clock.now()  # not before it is locked, so that times follow positions
            conversation, message = conversation.said_by_visitor(command.content, now)
            origin = None if command.address is None else self.origins.of(command.address, conversation.workspace_id)
            run = await take_message(work, conversation, message, origin)
            posted = PostedMessage(message=MessageView.of(message), run=RunView.of(run) if run else None)
            return await work.commit(posted)
