"""What must be true of a conversation whatever was killed while it went on, and of what its reader was shown."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from tests.http.system import Event, text_of

ENDS = {"message_end", "error", "cancelled"}
_WORD = re.compile(r"(?P<mark>[0-9a-f]{6})-(?P<number>\d+) ")
_RESERVED = 8_192  # output tokens of a call that was never settled
_STATUSES = {"completed": "succeeded", "failed": "dead", "cancelled": "cancelled"}
_ENDED = {"message_end": "completed", "error": "failed", "cancelled": "cancelled"}

_MESSAGES = "select *, xmin::text as ended_in from messages where conversation_id = %(id)s order by position"
_RUNS = """
    select runs.*, runs.xmin::text as ended_in, jobs.xmin::text as job_ended_in, jobs.status as job_status,
      jobs.attempt as job_attempt, jobs.failures, jobs.max_attempts
    from runs join jobs on jobs.id = runs.job_id where runs.conversation_id = %(id)s order by turn
"""
_EVENTS = """
    select activity.* from activity join conversations c using (workspace_id)
    where c.id = %(id)s and (
      subject_id = c.id
      or subject_id in (select id from runs where conversation_id = c.id)
      or subject_id in (select id from messages where conversation_id = c.id)
    )
    order by number
"""
_ACTIVITY = """
    select count(*) as count, min(a.number) as first, max(a.number) as last, max(h.number) as head
    from activity a join conversations c using (workspace_id) join activity_heads h using (workspace_id)
    where c.id = %(id)s
"""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A conversation as its visitor knows it.

    Attributes:
        asked: the questions, in the order in which each was taken.
        events: what the stream showed.
    """

    conversation_id: str
    asked: Sequence[str]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The same conversation as the database has it; `activity` is that of its whole workspace, counted."""

    conversation: Row
    messages: Sequence[Row]
    runs: Sequence[Row]
    usage: Sequence[Row]
    events: Sequence[Row]
    activity: Row

    @classmethod
    def read(cls, database: str, conversation_id: str) -> "Kept":
        """What there is now; `ended_in` is the transaction that wrote a row last."""
        with psycopg.connect(database) as connection:

            def rows(statement: LiteralString) -> Sequence[Row]:
                cursor = connection.cursor(row_factory=dict_row)
                return cursor.execute(statement, {"id": conversation_id}).fetchall()

            return cls(
                conversation=rows("select * from conversations where id = %(id)s")[0],
                messages=rows(_MESSAGES),
                runs=rows(_RUNS),
                usage=rows("select * from usage_entries where conversation_id = %(id)s"),
                events=rows(_EVENTS),
                activity=rows(_ACTIVITY)[0],
            )


def violations(told: Told, kept: Kept, *, deaths: int) -> list[str]:
    """What is wrong, in words; nothing when all is as it must be after that many deaths."""
    found = [*_of_messages(told, kept), *_of_activity(kept)]
    for run in kept.runs:
        shown = [event for event in told.events if _run_of(event, told.events) == str(run["id"])]
        faults = [*_of_run(run, kept), *_of_job(run, deaths), *_of_usage(run, kept), *_of_stream(run, shown)]
        found += [f"turn {run['turn']}: {fault}" for fault in faults]
    ids = [tuple(map(int, str(event.id).split("-"))) for event in told.events]
    if ids != sorted(set(ids)):
        found.append("event ids do not ascend")
    return found


def _of_messages(told: Told, kept: Kept) -> Iterator[str]:
    positions = [message["position"] for message in kept.messages]
    if positions != list(range(1, len(positions) + 1)) or kept.conversation["message_count"] != len(positions):
        yield f"positions {positions} of {kept.conversation['message_count']} messages"
    if [message["content"] for message in kept.messages if message["role"] == "visitor"] != list(told.asked):
        yield "the questions are not those that were asked"
    questions = [message["id"] for message in kept.messages if message["role"] == "visitor"]
    if [run["message_id"] for run in kept.runs] != questions:
        yield "not every question has its one run"
    replies = Counter(message["run_id"] for message in kept.messages if message["role"] == "assistant")
    if set(replies) - {run["id"] for run in kept.runs} or any(count > 1 for count in replies.values()):
        yield "replies without a run, or several of one"


def _of_activity(kept: Kept) -> Iterator[str]:
    count, first, last, head = (kept.activity[name] for name in ("count", "first", "last", "head"))
    if (first, last, head) != (1, count, count):
        yield f"activity: {count} from {first} to {last}, head {head}"
    told = Counter((event["type"], str(event["data"].get("run_id"))) for event in kept.events)
    for run in kept.runs:
        ends = sum(told[f"run.{status}", str(run["id"])] for status in _STATUSES)
        if ends != 1:
            yield f"activity tells {ends} ends of the run in turn {run['turn']}"
    said = sum(event["type"] == "message.posted" for event in kept.events)
    if said != len(kept.runs):
        yield f"activity tells of {said} questions, not {len(kept.runs)}"


def _of_run(run: Row, kept: Kept) -> Iterator[str]:
    if run["ended_at"] is None:
        yield f"the run is {run['status']}"
        return
    replies = [message for message in kept.messages if message["run_id"] == run["id"]]
    status = "complete" if run["status"] == "completed" else "partial"
    expected = [(run["reply_message_id"], run["text"], status, run["ended_in"])] if run["text"] else []
    if [(each["id"], each["content"], each["status"], each["ended_in"]) for each in replies] != expected:
        yield "the message is not what its run made, or was not saved with its end"
    question = next(message["content"] for message in kept.messages if message["id"] == run["message_id"])
    yield from _of_words(run["text"], int(re.findall(r"\d+", question)[0]), whole=run["status"] == "completed")


def _of_words(text: str, asked: int, *, whole: bool) -> Iterator[str]:
    words = list(_WORD.finditer(text))
    if "".join(word[0] for word in words) != text:
        yield f"the text is not made of words: {text!r}"
    if len({word["mark"] for word in words}) > 1:
        yield "the text is made of two answers"
    numbers = [int(word["number"]) for word in words]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"words were lost or doubled: {numbers}"
    if whole and len(words) != asked:
        yield f"{len(words)} words instead of {asked}"


def _of_job(run: Row, deaths: int) -> Iterator[str]:
    if run["job_status"] != _STATUSES.get(run["status"]):
        yield f"the run is {run['status']}, its job {run['job_status']}"
    if run["ended_in"] != run["job_ended_in"]:
        yield "run and job did not end together"
    if run["status"] == "failed" and run["failures"] < run["max_attempts"]:
        yield f"given up after {run['failures']} failures"
    # A death can cost two: one of the claim whose answer was lost, one of what the dying store cut off.
    if run["job_attempt"] > 1 + 2 * deaths:
        yield f"{run['job_attempt']} attempts for {deaths} deaths"
    if run["status"] == "completed" and run["attempt"] != run["job_attempt"]:
        yield f"attempt {run['attempt']} ended what attempt {run['job_attempt']} was making"


def _of_usage(run: Row, kept: Kept) -> Iterator[str]:
    entries = [entry for entry in kept.usage if entry["run_id"] == run["id"]]
    pending = [entry for entry in entries if entry["estimated"] and entry["output_tokens"] == _RESERVED]
    settled = [entry for entry in entries if entry not in pending]
    others = run["job_attempt"] - (run["status"] == "completed")
    if len(pending) > others:
        yield f"{len(pending)} calls were never settled, in {others} attempts that did not end"
    if run["status"] == "completed":
        words = len(_WORD.findall(run["text"]))
        if sum(entry["output_tokens"] == words for entry in settled) < 1:
            yield f"no call of {words} words is in the ledger"
        if len(entries) > 2 * run["job_attempt"]:
            yield f"{len(entries)} calls in {run['job_attempt']} attempts"


def _of_stream(run: Row, shown: Sequence[Event]) -> Iterator[str]:
    ends = [event for event in shown if event.name in ENDS]
    if len(ends) != 1 or shown[-1] is not ends[0]:
        yield f"{len(ends)} ends were shown"
        return
    starts = [event for event in shown if event.name == "message_start"]
    attempts = [start.data["attempt"] for start in starts]
    if not starts or attempts != sorted(set(attempts)):
        yield f"attempts {attempts} were announced"
    if {event.data["message_id"] for event in [*starts, *ends]} != {str(run["reply_message_id"])}:
        yield "another message was announced"
    if _ENDED[ends[0].name] != run["status"]:
        yield f"{ends[0].name} was shown of a run that is {run['status']}"
    if not text_of([*shown]) == ends[0].data["full_text"] == run["text"]:
        yield f"shown {text_of([*shown])!r}, ended with {ends[0].data['full_text']!r}, kept {run['text']!r}"
    yield from _of_deltas(shown)


def _of_deltas(shown: Sequence[Event]) -> Iterator[str]:
    length, calls = 0, list[tuple[str, str]]()
    for event in shown:
        if event.name == "message_start":
            length, calls = 0, []
        if event.name == "delta":
            if event.data["text_chunk"] and event.data["offset"] != length:
                yield f"text at {event.data['offset']} after {length} characters"
            length = event.data["offset"] + len(event.data["text_chunk"])
        if event.name.startswith("tool_"):
            calls.append((event.name, event.data["id"]))
    if len(calls) != len(set(calls)):
        yield f"a tool call was shown twice: {calls}"


def _run_of(event: Event, events: Sequence[Event]) -> str:
    """The run whose `message_start` was the last before the event."""
    index = next(index for index, each in enumerate(events) if each is event)
    starts = [each for each in events[: index + 1] if each.name == "message_start"]
    return str(starts[-1].data["run_id"]) if starts else ""
