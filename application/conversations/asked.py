"""What somebody has asked, and whether it was answered."""

from application.ports.conversations import ConversationsWork
from domain.conversations import Message, RunStatus


async def has_reply(work: ConversationsWork, question: Message) -> bool:
    """Whether a run has completed a reply to the message."""
    return any(run.status is RunStatus.COMPLETED for run in await work.runs.answering(question))


async def asked_last(work: ConversationsWork, question: Message) -> bool:
    """Whether who asked has written nothing since the message that can still be read."""
    newest = await work.messages.newest(question.conversation_id, {question.role}, blanked=False)
    return newest is None or newest.id == question.id
