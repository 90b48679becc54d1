from collections.abc import Sequence
from datetime import datetime

from application.conversations.stop_run import stop_run
from application.ports.conversations import ConversationsWork
from domain.actors import Actor
from domain.conversations import ConversationErased
from domain.ids import ConversationId, RunId


async def erase(
    work: ConversationsWork, conversation_id: ConversationId, *, by: Actor, at: datetime, reason: str = "asked"
) -> Sequence[RunId]:
    """Removes a conversation with all that was said in it; activity keeps only that it was.

    Returns:
        Its runs, whose logs are to be dropped once the unit has committed.

    Raises:
        NotFound: there is none.
    """
    conversation = await work.conversations.lock(conversation_id)
    for run in await work.runs.active(conversation_id):
        await stop_run(work, run, by=by, at=at)
    run_ids = await work.runs.ids(conversation_id)
    because = ConversationErased(
        workspace_id=conversation.workspace_id,
        actor=by,
        at=at,
        told_to=conversation.user_id,
        conversation_id=conversation_id,
        reason=reason,
    )
    await work.conversations.erase(await work.conversations.lock(conversation_id), because=because)
    return run_ids
