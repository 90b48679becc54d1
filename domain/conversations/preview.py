"""What the assistant would say: a conversation of one question, of which nothing is kept but what its answer took."""

from collections.abc import Sequence
from datetime import datetime

from domain.conversations.conversation import Conversation
from domain.conversations.reply_prompt import ReplyFacts
from domain.conversations.run import Run, RunErrorCode
from domain.errors import Conflict, Unavailable
from domain.scheduling import Connector, Service
from domain.text import text
from domain.workspaces import Workspace

QUESTION_LENGTH = 2_000


class PreviewLimited(Conflict):
    """The assistant may use no more tokens for now."""

    code = RunErrorCode.LIMIT_REACHED
    detail = "The assistant has reached its limit of tokens for now, so it answers nobody."


class PreviewRefused(Conflict):
    """The model will not answer this."""

    code = RunErrorCode.MODEL_REFUSED
    detail = "The model refuses to answer this."


class PreviewUnavailable(Unavailable):
    """The model did not answer."""

    code = RunErrorCode.MODEL_UNAVAILABLE
    detail = "The model does not answer at the moment. Try again shortly."


def asked(
    workspace: Workspace, services: Sequence[Service], connectors: Sequence[Connector], question: str, at: datetime
) -> tuple[ReplyFacts, Run]:
    """What the reply to this question is made from, asked by a visitor in a new conversation, and a run for it.

    Raises:
        Invalid: the question is empty or too long.
    """
    question = text(question, at="/question", least=1, most=QUESTION_LENGTH)
    _, message = Conversation.started(workspace.id, None, None, at).said_by_visitor(question, at)
    active = next((connector for connector in connectors if connector.active), None)
    facts = ReplyFacts(
        workspace_id=workspace.id,
        business_name=workspace.public_name or workspace.name,
        description=workspace.description,
        tone=workspace.tone,
        language=workspace.language,
        timezone=workspace.timezone,
        assistant=workspace.assistant,
        limits=workspace.limits,
        savings=workspace.savings,
        services=[service for service in services if service.active],
        booking_url=active.url if active else None,
        booking_type=active.type if active else None,
        history=[message],
    )
    return facts, Run.answering(message, at)
