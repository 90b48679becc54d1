from application.conversations.generate_reply import GenerateReply
from application.ports.conversations import ConversationsWork
from domain.conversations import Run
from domain.jobs import Job


async def ask_assistant(work: ConversationsWork, run: Run) -> None:
    """Adds a new run and the job that makes its reply."""
    await work.runs.add(run)
    await work.jobs.add(Job.of(GenerateReply.of(run), run.created_at, identifier=run.job_id))
