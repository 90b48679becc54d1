from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceViews
from domain.conversations import Conversation, ConversationStarted
from domain.errors import NotFound
from domain.identity import issue_visitor_token
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True, kw_only=True)
class StartConversationCommand:
    """Which workspace a visitor talks to, and what they tell of themselves."""

    workspace_handle: str
    visitor_name: str | None = None
    visitor_email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedConversation:
    """The new conversation, and the token that alone opens it; it is shown here only."""

    conversation_id: ConversationId
    visitor_token: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StartConversation:
    """Lets anyone talk to an active workspace."""

    begin: Begin[ConversationsWork]
    workspaces: WorkspaceViews
    clock: Clock

    async def __call__(self, command: StartConversationCommand) -> StartedConversation:
        """The conversation's id and its visitor's token.

        Raises:
            NotFound: no active workspace has this handle. Invalid: the name or e-mail cannot be taken.
        """
        now = self.clock.now()
        workspace_id = await self.workspaces.id_of(command.workspace_handle)
        if workspace_id is None:
            raise NotFound("No active workspace has this handle.")
        conversation = Conversation.started(workspace_id, command.visitor_name, command.visitor_email, now)
        credential, token = issue_visitor_token(conversation.id, workspace_id, now)
        async with self.begin() as work:
            await work.conversations.add(conversation, because=_started(conversation))
            await work.credentials.add(credential)
            return await work.commit(
                StartedConversation(
                    conversation_id=conversation.id, visitor_token=token.reveal(), created_at=conversation.created_at
                )
            )


def _started(conversation: Conversation) -> ConversationStarted:
    return ConversationStarted(
        workspace_id=conversation.workspace_id,
        actor=conversation.visitor_actor,
        at=conversation.created_at,
        conversation_id=conversation.id,
        channel=conversation.channel,
    )
