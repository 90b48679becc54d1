"""Conversations to ask about, made through our own units of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.access import Caller
from domain.conversations import Conversation, ConversationStarted, MessagePosted
from domain.identity import issue_visitor_token
from domain.ids import ConversationId, WorkspaceId
from tests.benchmarks.stage import Stage

_AT_ONCE = 250
_WORDS = "We have a table free on Thursday at seven; shall I keep it for you, and for how many people? "


@dataclass(frozen=True, slots=True)
class Visit:
    """A conversation, and its visitor's token."""

    id: ConversationId
    token: str


async def workspaces(stage: Stage, count: int) -> list[WorkspaceId]:
    """New workspaces, each of an owner of its own."""
    identity: Any = stage.container.identity
    opened: list[WorkspaceId] = []
    for number in range(count):
        _, workspace = await identity.ensure_owner()(f"owner-{number}@example.com", "Owner")
        opened.append(workspace.id)
    return opened


async def owners_workspace(stage: Stage) -> WorkspaceId:
    """The workspace of whoever has the stage's token."""
    caller: Caller = await stage.container.ports.callers().of_token(stage.token)
    (workspace_id,) = caller.grants
    return workspace_id


async def conversations(stage: Stage, among: Sequence[WorkspaceId], count: int, messages: int = 0) -> list[Visit]:
    """New conversations, in turn in these workspaces, each with so many messages of its visitor."""
    visits: list[Visit] = []
    for begin in range(0, count, _AT_ONCE):
        async with stage.container.ports.begin()() as work:
            visits += [
                await _conversation(stage, work, among[number % len(among)], messages)
                for number in range(begin, min(count, begin + _AT_ONCE))
            ]
            await work.commit(None)
    return visits


async def _conversation(stage: Stage, work: Any, workspace_id: WorkspaceId, messages: int) -> Visit:
    now = stage.container.ports.clock().now()
    conversation = Conversation.started(workspace_id, "Vera Visitor", None, now)
    credential, token = issue_visitor_token(conversation.id, workspace_id, now)
    started = ConversationStarted(
        workspace_id=workspace_id,
        actor=conversation.visitor_actor,
        at=now,
        conversation_id=conversation.id,
        channel=conversation.channel,
    )
    await work.conversations.add(conversation, because=started)
    await work.credentials.add(credential)
    for _ in range(messages):
        conversation, message = conversation.said_by_visitor(_WORDS, now)
        posted = MessagePosted(
            workspace_id=workspace_id,
            actor=message.author,
            at=now,
            conversation_id=conversation.id,
            message_id=message.id,
            role=message.role,
        )
        await work.messages.add(message, because=posted)
        conversation = await work.conversations.save(conversation)
    return Visit(conversation.id, token.reveal())
