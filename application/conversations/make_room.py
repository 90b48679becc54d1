from datetime import datetime

from application.conversations.stop_run import stop_run
from application.ports.conversations import ConversationsWork
from domain.actors import Actor
from domain.conversations import Conversation, IfBusy, admit


async def make_room(
    work: ConversationsWork, conversation: Conversation, if_busy: IfBusy, *, by: Actor, at: datetime
) -> Conversation:
    """The locked conversation as it is when another message may be sent, for which its runs may have been stopped.

    Raises:
        RunInProgress, TooManyWaiting: as `admit` says.
    """
    active = await work.runs.active(conversation.id)
    admit(len(active), if_busy)
    if if_busy is not IfBusy.INTERRUPT or not active:
        return conversation
    for run in active:
        await stop_run(work, run, by=by, at=at)
    return await work.conversations.lock(conversation.id)
