from datetime import datetime

from application.conversations.keep_reply import keep_reply
from application.ports.conversations import ConversationsWork
from domain.actors import Actor
from domain.conversations import Run, RunStatus
from domain.jobs import cancel_event


async def stop_run(work: ConversationsWork, run: Run, *, by: Actor, at: datetime) -> Run:
    """Stops a run of a conversation that is locked: at once while it waits, by its worker when one has it.

    Returns:
        The run as it is now: cancelled, or still running with its worker told.
    """
    told_to = (await work.conversations.lock(run.conversation_id)).user_id
    job = await work.jobs.lock(run.job_id)
    asked = job.asked_to_cancel(at)
    await work.jobs.save(asked, because=cancel_event(asked, run.workspace_id, by=by, at=at, told_to=told_to))
    if not asked.ended:
        return run
    return await keep_reply(work, run.abandoned(RunStatus.CANCELLED, at), by=by, at=at)
