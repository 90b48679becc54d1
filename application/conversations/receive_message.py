from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.conversations.take_message import take_message
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView, RunView
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceViews
from domain.access import Caller, Permission
from domain.conversations import (
    CONTENT_LENGTH,
    Channel,
    Conversation,
    ConversationEdited,
    ConversationStarted,
    ConversationStatus,
    Message,
    ThreadExists,
    external_id,
)
from domain.errors import NotFound
from domain.ids import WorkspaceId
from domain.text import text
from domain.workspaces import WorkspaceInactive


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What a channel knows of who wrote; `id` is its own."""

    name: str | None = None
    email: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMessageCommand:
    """A message of another channel than the web; `thread_id` and `message_id` are the channel's own."""

    workspace_id: WorkspaceId
    channel: Channel
    thread_id: str
    message_id: str
    sender: Sender
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """The message, and the run that answers it; None when a person handled the conversation as it came."""

    message: MessageView
    run: RunView | None


@dataclass(frozen=True, slots=True)
class ReceiveMessage:
    """Takes a visitor's message that a bridge brings from its channel, once however often it is brought."""

    begin: Begin[ConversationsWork]
    workspaces: WorkspaceViews
    clock: Clock

    async def __call__(self, caller: Caller, command: ReceiveMessageCommand) -> tuple[ReceivedMessage, bool]:
        """The message with its run, and whether it is new.

        However many wait for a reply, it joins them: who writes on a channel cannot be told to wait, and a bridge whose
        message is refused may have nobody to bring it again.

        Raises:
            NotFound: the caller may not, or visitors of the web do not come through a bridge.
            Forbidden: the caller may not. Invalid: an id, the text, or what is told of the sender cannot be taken.
            WorkspaceInactive: not now.
        """
        caller.must(Permission.INBOUND_WRITE, command.workspace_id)
        if command.channel is Channel.WEB:
            raise NotFound("There is no such channel.")
        checked = _checked(command)
        if not await self.workspaces.active(command.workspace_id):
            raise WorkspaceInactive
        try:
            return await self._receive(checked)
        except ThreadExists:  # another first message of the thread came at the same time
            return await self._receive(checked)

    async def _receive(self, command: ReceiveMessageCommand) -> tuple[ReceivedMessage, bool]:
        thread = command.workspace_id, command.channel, command.thread_id
        async with self.begin() as work:
            conversation = await work.conversations.lock_thread(*thread)
            now = self.clock.now()
            if conversation is None:
                conversation = await _begun(work, command, now)
            elif before := await work.messages.by_external_id(conversation.id, command.message_id):
                return await _received_before(work, before), False
            conversation, message = _said(work, conversation, command, now)
            run = await take_message(work, conversation, message)
            received = ReceivedMessage(message=MessageView.of(message), run=RunView.of(run) if run else None)
            return await work.commit(received), True


def _checked(command: ReceiveMessageCommand) -> ReceiveMessageCommand:
    sender_id = command.sender.id and external_id(command.sender.id, at="/sender/id")
    return replace(
        command,
        thread_id=external_id(command.thread_id, at="/thread_id"),
        message_id=external_id(command.message_id, at="/message_id"),
        sender=replace(command.sender, id=sender_id),
        text=text(command.text, at="/text", least=1, most=CONTENT_LENGTH),
    )


async def _begun(work: ConversationsWork, command: ReceiveMessageCommand, now: datetime) -> Conversation:
    conversation = Conversation.begun_on(command.channel, command.thread_id, command.workspace_id, now)
    because = ConversationStarted(
        workspace_id=conversation.workspace_id,
        actor=conversation.visitor_actor,
        at=now,
        conversation_id=conversation.id,
        channel=conversation.channel,
    )
    await work.conversations.add(conversation, because=because)
    return conversation


def _said(
    work: ConversationsWork, conversation: Conversation, command: ReceiveMessageCommand, now: datetime
) -> tuple[Conversation, Message]:
    if conversation.status is not ConversationStatus.OPEN:
        conversation = conversation.edited({"status": ConversationStatus.OPEN}, now)
        work.record(_reopened(conversation, now))
    conversation = conversation.visited_by(command.sender.name, command.sender.email)
    conversation, message = conversation.said_by_visitor(command.text, now, external_id=command.message_id)
    metadata = {} if command.sender.id is None else {"sender_id": command.sender.id}
    return conversation, replace(message, metadata=metadata)


def _reopened(conversation: Conversation, now: datetime) -> ConversationEdited:
    return ConversationEdited(
        workspace_id=conversation.workspace_id,
        actor=conversation.visitor_actor,
        at=now,
        conversation_id=conversation.id,
        fields=("status",),
        status=conversation.status,
    )


async def _received_before(work: ConversationsWork, message: Message) -> ReceivedMessage:
    runs: Sequence[RunView] = [RunView.of(run) for run in await work.runs.answering(message)]
    return ReceivedMessage(message=MessageView.of(message), run=runs[0] if runs else None)
