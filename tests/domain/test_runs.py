from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.conversations import Conversation, Run, RunErrorCode, RunStatus, Usage
from domain.ids import WorkspaceId

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
ORIGIN = b"\x01" * 32


def a_run() -> Run:
    """A run that is being made for a visitor with an address."""
    _, message = Conversation.started(WorkspaceId(uuid4()), None, None, AT).said_by_visitor("Hello?", AT)
    return Run.answering(message, AT, origin=ORIGIN).started(1, "a:one", "reply-3", AT)


ENDED = {
    "completed": a_run().completed(AT),
    "cut": a_run().completed(AT, cut=True),
    "failed": a_run().failed(RunErrorCode.LIMIT_REACHED, AT),
    "cancelled": a_run().cancelled(AT),
    "abandoned": a_run().abandoned(RunStatus.FAILED, AT),
}


@pytest.mark.parametrize(("how", "run"), ENDED.items(), ids=ENDED)
def test_only_a_reply_that_came_to_its_own_end_is_whole(how: str, run: Run) -> None:
    assert run.whole == (how == "completed")
    assert not a_run().whole


@pytest.mark.parametrize("run", ENDED.values(), ids=ENDED)
def test_whose_message_it_answers_is_forgotten_when_it_ends(run: Run) -> None:
    assert a_run().origin == ORIGIN
    assert run.origin is None


def test_a_call_that_said_nothing_leaves_the_model_that_did() -> None:
    run = a_run().spending(Usage(input_tokens=1), "a:two").spending(Usage(input_tokens=2), None)
    assert (run.model, run.usage) == ("a:two", Usage(input_tokens=3))


def test_usage_is_estimated_once_that_of_a_call_is() -> None:
    counted, guessed = Usage(input_tokens=1), Usage(input_tokens=2, estimated=True)
    assert [first.plus(second).estimated for first in (counted, guessed) for second in (counted, guessed)] == [
        False,
        True,
        True,
        True,
    ]
