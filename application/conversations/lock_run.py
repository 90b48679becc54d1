from application.ports.conversations import ConversationsWork
from domain.access import Caller, Permission
from domain.conversations import Conversation, Run
from domain.ids import RunId


async def lock_run(work: ConversationsWork, caller: Caller, run_id: RunId) -> tuple[Conversation, Run]:
    """The run and its conversation, which is locked, when the caller may write in it.

    Raises:
        NotFound: there is no such run for the caller. Forbidden: as `Place.must_admit` says.
    """
    run = await work.runs.get(run_id)
    conversation = await work.conversations.lock(run.conversation_id)
    conversation.place.must_admit(caller, Permission.CONVERSATION_WRITE)
    return conversation, await work.runs.get(run_id)  # as it is now that nobody else changes it
