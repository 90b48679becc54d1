from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.conversations import (
    RUN_ERRORS,
    Frame,
    FrameEvent,
    FrameId,
    MessageEnded,
    MessageStarted,
    ReplyCancelled,
    ReplyFailed,
    Run,
    RunErrorCode,
    RunStatus,
    Shown,
    Step,
    TextAdded,
    ToolAnswered,
    ToolCalled,
    end_of,
    rebuilt,
    retold,
)
from domain.ids import ConversationId, JobId, MessageId, RunId, WorkspaceId

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXT = "It costs 120."
STEPS = (
    Step(id="a", tool="list_services", args={}, offset=0, status="ok", output=["Portrait"]),
    Step(id="b", tool="search_knowledge", args={"query": "price"}, offset=3, status="error", output="It failed."),
    Step(id="c", tool="list_services", args={}, offset=3, status="ok", output=None),
)


def a_run() -> Run:
    return Run(
        id=RunId(uuid4()),
        conversation_id=ConversationId(uuid4()),
        workspace_id=WorkspaceId(uuid4()),
        turn=3,
        message_id=MessageId(uuid4()),
        reply_message_id=MessageId(uuid4()),
        job_id=JobId(uuid4()),
        created_at=AT,
    )


def started(attempt: int = 1) -> Run:
    return a_run().started(attempt, "test:model", "reply-1", AT)


def frame(event: FrameEvent, sequence: int = 1, attempt: int = 1) -> Frame:
    return Frame(FrameId(3, attempt, sequence), event)


def test_frame_ids_are_ordered_by_run_then_attempt_then_sequence() -> None:
    ids = [FrameId(1, 9, 9), FrameId(2, 1, 10), FrameId(2, 2, 1), FrameId(2, 2, 2), FrameId(10, 1, 1)]
    assert sorted(ids) == ids


def test_a_frame_id_is_read_back_from_its_text() -> None:
    assert FrameId.parse(str(FrameId(12, 3, 456))) == FrameId(12, 3, 456)


@pytest.mark.parametrize(
    "text", ["", "1-2", "1-2-3-4", "1-2-x", "-1-2-3", "1--2", "1-2-\u0663", "1-2-1234567890", "1-2- 3"]
)
def test_other_text_is_no_frame_id(text: str) -> None:
    assert FrameId.parse(text) is None


@pytest.mark.parametrize(
    ("run", "end"),
    [
        (started().with_progress(TEXT, (), 4).completed(AT), MessageEnded),
        (started().with_progress(TEXT, (), 4).cancelled(AT), ReplyCancelled),
        (started().with_progress(TEXT, (), 4).failed(RunErrorCode.TIMEOUT, AT), ReplyFailed),
    ],
)
def test_an_ended_run_ends_with_the_text_that_was_kept(run: Run, end: type) -> None:
    event = end_of(run)
    assert type(event) is end
    assert (event.message_id, event.run_id, event.full_text) == (run.reply_message_id, run.id, TEXT)


def test_a_failure_says_in_public_what_failed() -> None:
    event = end_of(started().failed(RunErrorCode.MODEL_REFUSED, AT))
    assert isinstance(event, ReplyFailed)
    assert (event.code, event.message) == (RunErrorCode.MODEL_REFUSED, RUN_ERRORS[RunErrorCode.MODEL_REFUSED])


def test_a_failure_without_a_code_is_internal() -> None:
    event = end_of(replace(started().failed(RunErrorCode.TIMEOUT, AT), error=None))
    assert isinstance(event, ReplyFailed)
    assert event.code is RunErrorCode.INTERNAL


def test_only_ends_end() -> None:
    run = started().completed(AT)
    assert frame(end_of(run)).ends
    assert not frame(TextAdded(text_chunk="a", offset=0)).ends


def test_a_run_is_retold_with_each_step_at_its_place() -> None:
    run = started(2).with_progress(TEXT, STEPS, 9)
    assert retold(run) == (
        MessageStarted(message_id=run.reply_message_id, run_id=run.id, attempt=2),
        ToolCalled(id="a", tool="list_services", args={}),
        ToolAnswered(id="a", status="ok", data=["Portrait"]),
        TextAdded(text_chunk="It ", offset=0),
        ToolCalled(id="b", tool="search_knowledge", args={"query": "price"}),
        ToolAnswered(id="b", status="error", error="It failed."),
        ToolCalled(id="c", tool="list_services", args={}),
        ToolAnswered(id="c", status="ok", data=None),
        TextAdded(text_chunk="costs 120.", offset=3),
    )


def test_a_run_without_text_is_retold_by_its_beginning() -> None:
    run = started()
    assert retold(run) == (MessageStarted(message_id=run.reply_message_id, run_id=run.id, attempt=1),)


def test_rebuilt_frames_come_behind_all_that_the_log_may_have_held() -> None:
    run = started(2).with_progress(TEXT, STEPS, 9).completed(AT)
    frames = rebuilt(run)
    sequences = [each.id.sequence for each in frames]
    assert sequences[0] > 9
    assert sequences == list(range(sequences[0], sequences[0] + len(frames)))
    assert {(each.id.turn, each.id.attempt) for each in frames} == {(3, 2)}
    assert tuple(each.event for each in frames[:-2]) == retold(run)
    assert frames[-1].event == end_of(run)


def test_the_end_of_a_run_keeps_its_id_when_its_words_are_blanked() -> None:
    run = started(2).with_progress(TEXT, STEPS, 9).completed(AT)
    ends = {rebuilt(each)[-1].id for each in (run, run.without_steps(), run.blanked())}
    assert len(ends) == 1


def test_text_that_was_shown_and_not_kept_is_cut() -> None:
    run = started().with_progress("It", (), 2).cancelled(AT)
    shown, _ = Shown(attempt=1).then(frame(TextAdded(text_chunk=TEXT, offset=0)))
    cut: list[FrameEvent] = []
    for each in rebuilt(run):
        shown, fresh = shown.then(each)
        cut += [fresh.event] if fresh else []
    assert cut == [TextAdded(text_chunk="", offset=2), end_of(run)]


def test_of_a_chunk_that_overlaps_what_was_shown_the_rest_is_shown() -> None:
    shown, _ = Shown(attempt=1).then(frame(TextAdded(text_chunk="It co", offset=0)))
    shown, fresh = shown.then(frame(TextAdded(text_chunk="costs", offset=3), 2))
    assert fresh == frame(TextAdded(text_chunk="sts", offset=5), 2)
    assert shown.then(frame(TextAdded(text_chunk="costs", offset=3), 3)) == (shown, None)


def test_nothing_of_an_older_attempt_is_shown() -> None:
    shown, _ = Shown().then(
        frame(MessageStarted(message_id=MessageId(UUID(int=1)), run_id=RunId(UUID(int=2)), attempt=2), 1, 2)
    )
    assert shown.then(frame(TextAdded(text_chunk="late", offset=0), 7, 1)) == (shown, None)


def test_a_new_attempt_begins_anew() -> None:
    shown, _ = Shown(attempt=1).then(frame(TextAdded(text_chunk="It", offset=0)))
    begun = frame(MessageStarted(message_id=MessageId(UUID(int=1)), run_id=RunId(UUID(int=2)), attempt=2), 1, 2)
    assert shown.then(begun) == (Shown(attempt=2), begun)


class Reader:
    """A client: it joins text as the protocol says, and checks what it is shown."""

    def __init__(self) -> None:
        self.text = ""
        self.events: list[FrameEvent] = []
        self.position: FrameId | None = None
        self.connect()

    def connect(self) -> None:
        self.shown = Shown()
        self.resumed_behind = self.position
        self.expected: int | None = len(self.text) if self.events else None
        self.ids: set[tuple[str, str]] = set()

    def told(self, told: Frame) -> None:
        self.shown, fresh = self.shown.then(told)
        if fresh is not None and (self.resumed_behind is None or fresh.id > self.resumed_behind):
            self.position = fresh.id
            self.events.append(fresh.event)
            self._take(fresh.event)

    def _take(self, event: FrameEvent) -> None:
        match event:
            case MessageStarted():
                self.text, self.expected, self.ids = "", 0, set()
            case TextAdded(text_chunk="", offset=offset):
                assert offset < len(self.text)
                self.text, self.expected = self.text[:offset], offset
            case TextAdded(text_chunk=chunk, offset=offset):
                assert offset == self.expected, "each code point comes once, and none is left out"
                self.text = self.text[:offset] + chunk
                self.expected = len(self.text)
            case ToolCalled(id=call) | ToolAnswered(id=call):
                assert (event.name, call) not in self.ids
                self.ids.add((event.name, call))
            case _:
                assert event.full_text == self.text


class Streaming(RuleBasedStateMachine):
    """A run is made while its log is lost, its worker dies, and its reader is told things twice and reconnects."""

    def __init__(self) -> None:
        super().__init__()
        self.run = self.saved = a_run()
        self.open: list[tuple[ToolCalled, int]] = []
        self.calls = 0
        self.sequence = 0
        self.log: list[Frame] = []
        self.reader = Reader()
        self.patience = 0

    @initialize(patience=st.integers(0, 25))
    def last(self, patience: int) -> None:
        """Most ends come late, so that much happens before."""
        self.patience = patience

    def may_end(self) -> bool:
        return not self.run.ended and len(self.reader.events) >= self.patience

    def emit(self, *events: FrameEvent) -> None:
        for event in events:
            self.sequence += 1
            self.log.append(Frame(FrameId(self.run.turn, self.run.attempt, self.sequence), event))
            self.reader.told(self.log[-1])

    def grown(self, text: str, *steps: Step) -> Run:
        return self.run.with_progress(self.run.text + text, (*self.run.steps, *steps), self.sequence)

    @precondition(lambda self: not self.run.ended)
    @rule()
    def begin(self) -> None:
        self.run = self.saved = self.run.started(self.run.attempt + 1, "test:model", "reply-1", AT)
        self.open, self.sequence = [], 0
        self.emit(*retold(self.run))

    @precondition(lambda self: self.run.status is RunStatus.RUNNING)
    @rule(chunk=st.text(min_size=1, max_size=6))
    def say(self, chunk: str) -> None:
        self.emit(TextAdded(text_chunk=chunk, offset=len(self.run.text)))
        self.run = self.grown(chunk)

    @precondition(lambda self: self.run.status is RunStatus.RUNNING)
    @rule()
    def call(self) -> None:
        self.calls += 1
        call = ToolCalled(id=str(self.calls), tool="list_services", args={})
        self.open.append((call, len(self.run.text)))
        self.emit(call)

    @precondition(lambda self: self.open and self.run.status is RunStatus.RUNNING)
    @rule(status=st.sampled_from(["ok", "error"]))
    def answer(self, status: str) -> None:
        call, offset = self.open.pop(0)
        step = Step(id=call.id, tool=call.tool, args=call.args, offset=offset, status=status, output="Found.")
        self.run = self.grown("", step)
        self.emit(ToolAnswered(id=call.id, status=status))

    @precondition(lambda self: self.run.status is RunStatus.RUNNING)
    @rule()
    def save(self) -> None:
        self.saved = self.run = self.grown("")

    @precondition(lambda self: self.run.status is RunStatus.RUNNING)
    @rule()
    def lose_the_log(self) -> None:
        self.log = []
        self.emit(*retold(self.run), *(call for call, _ in self.open))

    @precondition(lambda self: self.log and not self.run.ended)
    @rule(data=st.data())
    def tell_again(self, data: st.DataObject) -> None:
        self.reader.told(data.draw(st.sampled_from(self.log)))

    @precondition(lambda self: not self.run.ended and self.log and self.log[0].id.attempt < self.run.attempt)
    @rule(data=st.data())
    def tell_of_an_older_attempt(self, data: st.DataObject) -> None:
        older = [each for each in self.log if each.id.attempt < self.run.attempt]
        self.reader.told(data.draw(st.sampled_from(older)))

    @precondition(lambda self: not self.run.ended)
    @rule()
    def reconnect(self) -> None:
        self.reader.connect()
        for each in self.log:
            self.reader.told(each)

    @precondition(lambda self: self.run.status is RunStatus.RUNNING and self.may_end())
    @rule(log_is_there=st.booleans())
    def complete(self, log_is_there: bool) -> None:
        self.run = self.grown("").completed(AT)
        if log_is_there:
            self.emit(end_of(self.run))
        else:
            self.tell_rebuilt()

    @precondition(may_end)
    @rule(status=st.sampled_from([RunStatus.FAILED, RunStatus.CANCELLED]))
    def abandon(self, status: RunStatus) -> None:
        self.run = self.saved.abandoned(status, AT)
        self.tell_rebuilt()

    @precondition(lambda self: self.run.ended)
    @rule()
    def read_it_all_later(self) -> None:
        late = Reader()
        logged_end = bool(self.log) and self.log[-1].ends
        for each in (*self.log, *(() if logged_end else rebuilt(self.run))):
            late.told(each)
        assert (late.text, late.events[-1]) == (self.run.text, end_of(self.run))

    def tell_rebuilt(self) -> None:
        for each in rebuilt(self.run):
            self.reader.told(each)

    @invariant()
    def a_reader_has_the_text_so_far(self) -> None:
        assert self.reader.text == self.run.text or self.reader.shown.attempt < self.run.attempt

    @invariant()
    def an_ended_run_has_ended_for_the_reader_once(self) -> None:
        ends = [event for event in self.reader.events if isinstance(event, MessageEnded | ReplyCancelled | ReplyFailed)]
        assert ends == ([end_of(self.run)] if self.run.ended else [])
        if self.run.ended:
            assert self.reader.text == self.run.text


TestStreaming = Streaming.TestCase
