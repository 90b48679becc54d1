from datetime import UTC, datetime
from uuid import uuid4

import pytest

from application.conversations.keep_reply import saved_minutes
from domain.conversations import Conversation, Run, Step
from domain.ids import WorkspaceId
from domain.workspaces import Savings

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAVINGS = Savings(minutes_per_answer=3, minutes_per_booking=5)


@pytest.mark.parametrize(
    ("tools", "minutes"),
    [
        ([], 3),
        (["search_knowledge"], 3),
        (["get_booking_link", "get_booking_link"], 8),
        (["report_unanswered"], 0),
        (["ask_a_person"], 0),
        (["get_booking_link", "ask_a_person"], 0),
    ],
)
def test_a_reply_saves_what_a_person_need_not_do(tools: list[str], minutes: int) -> None:
    conversation = Conversation.started(WorkspaceId(uuid4()), None, None, AT)
    _, message = conversation.said_by_visitor("What does it cost?", AT)
    steps = [Step(id=tool, tool=tool, args={}, offset=0, status="ok", output=None) for tool in tools]
    run = Run.answering(message, AT).started(1, "test:model", "reply-1", AT).with_progress("60 €.", tuple(steps), 3)

    assert saved_minutes(run.completed(AT), SAVINGS) == minutes
    assert saved_minutes(run.cancelled(AT), SAVINGS) == 0
