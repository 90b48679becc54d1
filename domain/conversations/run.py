from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.conversations.conversation import Conversation
from domain.conversations.message import Message
from domain.errors import Conflict, NotFound
from domain.ids import ConversationId, JobId, MessageId, RunId, WorkspaceId, new_id
from domain.json import JsonValue
from domain.pricing import Cost, total_cost

MAX_WAITING = 5
ASK_A_PERSON = "ask_a_person"
GET_BOOKING_LINK = "get_booking_link"
FORGET = "forget"
"""The tool by which a companion forgets on demand."""
REPORT_UNANSWERED = "report_unanswered"
"""The tool by which the assistant says that it could not answer."""
# More frames than a run shows between two checkpoints: ids beyond are new to every reader.
UNSAVED_FRAMES = 100_000


class RunInProgress(Conflict):
    """The assistant is replying already."""

    code = "run_in_progress"
    detail = "The assistant is replying. Wait, or send with if_busy 'queue' or 'interrupt'."


class TooManyWaiting(Conflict):
    """As many messages as may wait for a reply do."""

    code = "too_many_waiting"
    detail = f"{MAX_WAITING} messages wait for a reply already. Wait for one of them."


class RunEnded(Conflict):
    """The run is over and cannot change."""

    code = "run_ended"
    detail = "The run has ended."


class QuestionResolved(Conflict):
    """A member has seen to this question."""

    code = "question_resolved"
    detail = "This question has been added to the knowledge base or dismissed already."


class IfBusy(StrEnum):
    """What becomes of a message sent while the assistant replies."""

    QUEUE = "queue"
    REJECT = "reject"
    INTERRUPT = "interrupt"


class RunStatus(StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.RUNNING, RunStatus.FAILED, RunStatus.CANCELLED}),
    # Running again is a new attempt, after a worker died or failed.
    RunStatus.RUNNING: frozenset({RunStatus.RUNNING, RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED}),
    RunStatus.COMPLETED: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.CANCELLED: frozenset(),
}


class RunErrorCode(StrEnum):
    """Why a run failed, in public."""

    MODEL_UNAVAILABLE = "model_unavailable"
    MODEL_REFUSED = "model_refused"
    TIMEOUT = "timeout"
    LIMIT_REACHED = "limit_reached"
    INTERNAL = "internal"


RUN_ERRORS: Mapping[RunErrorCode, str] = {
    RunErrorCode.MODEL_UNAVAILABLE: "The assistant cannot be reached at the moment. Please try again shortly.",
    RunErrorCode.MODEL_REFUSED: "The assistant cannot answer this.",
    RunErrorCode.TIMEOUT: "The assistant took too long. Please try again.",
    RunErrorCode.LIMIT_REACHED: "The assistant has reached its limit for now.",
    RunErrorCode.INTERNAL: "Something went wrong on our side. Please try again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens a run took; `cost` is None where a price is not known.

    Attributes:
        estimated: whether a count is ours, as a call broke off or its model told none.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Cost | None = None
    estimated: bool = False

    def plus(self, call: Self) -> Self:
        """The usage with another call's tokens, where it told them; the cost is None once that of one is."""
        return replace(
            self,
            input_tokens=_sum(self.input_tokens, call.input_tokens),
            output_tokens=_sum(self.output_tokens, call.output_tokens),
            cost=total_cost((self.cost, call.cost)),
            estimated=self.estimated or call.estimated,
        )


def _sum(total: int | None, more: int | None) -> int | None:
    return total if more is None else (total or 0) + more


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A tool call of a run and what came of it.

    Attributes:
        offset: how much of the reply's text, in code points, came before it.
        status: `ok` or `error`.
    """

    id: str
    tool: str
    args: Mapping[str, JsonValue]
    offset: int
    status: str
    output: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One reply being made.

    Attributes:
        turn: its place in the conversation: that of its question, or a later one when it answers once more.
        message_id: the message it answers. reply_message_id: the id its reply will have.
        attempt: the attempt of the job that makes it, 0 before the first.
        model: the one that answered last; until one has, the one asked first.
        text: of the reply, as far as it is safely stored.
        last_sequence: of the newest frame of `attempt` when the run was saved; once it has ended, not less than the
            newest that the live log may hold.
        prompt_version: of the prompt that made it.
        cut: whether its reply was completed though the text is shorter than was meant.
        origin: a keyed hash of the address whose message it answers, until it ends; None for everyone else's.
        answered: whether its reply answers the question, as far as its maker knows; None before the end, and when it
            was stopped.
        resolved_at: when a member saw to it that its question was not answered.
    """

    id: RunId
    conversation_id: ConversationId
    workspace_id: WorkspaceId
    turn: int
    message_id: MessageId
    reply_message_id: MessageId
    job_id: JobId
    status: RunStatus = RunStatus.QUEUED
    attempt: int = 0
    model: str | None = None
    prompt_version: str | None = None
    text: str = ""
    last_sequence: int = 0
    steps: tuple[Step, ...] = ()
    usage: Usage | None = None
    error: RunErrorCode | None = None
    answered: bool | None = None
    resolved_at: datetime | None = None
    cut: bool = False
    origin: bytes | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def answering(cls, message: Message, at: datetime, *, origin: bytes | None = None) -> Self:
        """A new run, which is to answer `message` in its turn, in the job with the id `run.job_id`."""
        return cls(
            id=RunId(new_id(at)),
            conversation_id=message.conversation_id,
            workspace_id=message.workspace_id,
            turn=message.turn,
            message_id=message.id,
            reply_message_id=MessageId(new_id(at)),
            job_id=JobId(new_id(at)),
            origin=origin,
            created_at=at,
        )

    @classmethod
    def answering_again(cls, message: Message, conversation: Conversation, at: datetime) -> tuple[Conversation, Self]:
        """The conversation and a run that is to answer an earlier `message`, in a turn of its own."""
        run = replace(cls.answering(message, at), turn=conversation.turns + 1)
        return replace(conversation, turns=run.turn), run

    @property
    def booking_links(self) -> int:
        """How many ways to book it gave: one, however often it did."""
        return int(any(step.tool == GET_BOOKING_LINK and step.status == "ok" for step in self.steps))

    @property
    def whole(self) -> bool:
        """Whether its text is all that was meant."""
        return self.status is RunStatus.COMPLETED and not self.cut

    @property
    def asked_a_person(self) -> bool:
        """Whether it had a person told."""
        return any(step.tool == ASK_A_PERSON and step.status == "ok" for step in self.steps)

    @property
    def forgot(self) -> bool:
        """Whether something was forgotten for it, so that what it quotes is not to be found again."""
        return any(step.tool == FORGET and step.status == "ok" for step in self.steps)

    @property
    def asked_to_forget(self) -> bool:
        """Whether something was to be forgotten for it, be it found or not."""
        return any(step.tool == FORGET for step in self.steps)

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return not TRANSITIONS[self.status]

    def started(self, attempt: int, model: str, prompt_version: str, at: datetime) -> Self:
        """The run, being made from the beginning by this attempt of its job."""
        return replace(
            self._to(RunStatus.RUNNING),
            attempt=attempt,
            model=model,
            prompt_version=prompt_version,
            text="",
            steps=(),
            last_sequence=0,
            started_at=self.started_at or at,
        )

    def completed(self, at: datetime, *, cut: bool = False) -> Self:
        """The run with its reply, which is the text it has; with `cut`, as far as its model got."""
        return replace(self._ended(RunStatus.COMPLETED, at), answered=self._knows, cut=cut)

    def spending(self, call: Usage, model: str | None) -> Self:
        """The run with another call counted, over all attempts and however it ends; `model` if it said anything."""
        return replace(self, usage=self.usage.plus(call) if self.usage else call, model=model or self.model)

    def failed(self, error: RunErrorCode, at: datetime) -> Self:
        """The run, given up; the text it has is kept."""
        return replace(self._ended(RunStatus.FAILED, at), error=error, answered=False)

    def cancelled(self, at: datetime) -> Self:
        """The run, stopped on demand; the text it has is kept."""
        return self._ended(RunStatus.CANCELLED, at)

    def with_progress(self, text: str, steps: tuple[Step, ...], last_sequence: int) -> Self:
        """The run with the text, steps and frames it has so far."""
        return replace(self, text=text, steps=steps, last_sequence=last_sequence)

    def abandoned(self, status: RunStatus, at: datetime) -> Self:
        """The run, failed or cancelled by others than its maker, who may have shown more frames than it saved."""
        ended = self.cancelled(at) if status is RunStatus.CANCELLED else self.failed(RunErrorCode.INTERNAL, at)
        return replace(ended, last_sequence=self.last_sequence + UNSAVED_FRAMES)

    def resolved(self, at: datetime) -> Self:
        """The run, to whose question a member has seen.

        Raises:
            NotFound: it has not ended, or its question was answered or withdrawn.
            QuestionResolved: one has before.
        """
        if self.answered is not False:
            raise NotFound
        if self.resolved_at is not None:
            raise QuestionResolved
        return replace(self, resolved_at=at)

    def blanked(self) -> Self:
        """The run without what it wrote, looked up and was told."""
        return replace(self, text="", steps=())

    def without_steps(self) -> Self:
        """The run without what it looked up and was told; what it wrote is kept."""
        return replace(self, steps=())

    @property
    def _knows(self) -> bool:
        return not any(step.tool == REPORT_UNANSWERED for step in self.steps)

    def _ended(self, status: RunStatus, at: datetime) -> Self:
        return replace(self._to(status), origin=None, ended_at=at)

    def _to(self, status: RunStatus) -> Self:
        if status not in TRANSITIONS[self.status]:
            raise RunEnded
        return replace(self, status=status)


def admit(active: int, if_busy: IfBusy) -> None:
    """Nothing, when a message may join `active` runs that wait or run.

    Raises:
        RunInProgress: there are some, and the sender would rather not wait.
        TooManyWaiting: one runs and `MAX_WAITING` wait.
    """
    if active and if_busy is IfBusy.REJECT:
        raise RunInProgress
    if active > MAX_WAITING and if_busy is IfBusy.QUEUE:
        raise TooManyWaiting
