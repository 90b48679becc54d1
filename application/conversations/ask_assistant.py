from application.conversations.generate_reply import GenerateReply
from application.ports.conversations import ConversationsWork
from domain.actors import Actor
from domain.conversations import Conversation, Run, RunRetried
from domain.jobs import Job


async def ask_assistant(work: ConversationsWork, run: Run, conversation: Conversation) -> None:
    """Adds a new run of the conversation and the job that makes its reply."""
    await work.runs.add(run)
    await work.jobs.add(Job.of(GenerateReply.of(run, conversation), run.created_at, identifier=run.job_id))


def retried_event(run: Run, conversation: Conversation, *, by: Actor) -> RunRetried:
    """The event that tells that a new run answers an earlier message once more."""
    return RunRetried(
        workspace_id=run.workspace_id,
        actor=by,
        at=run.created_at,
        told_to=conversation.user_id,
        conversation_id=run.conversation_id,
        run_id=run.id,
        message_id=run.message_id,
    )
