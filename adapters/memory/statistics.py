from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import cast

from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.activity import ActivityView
from application.ports.statistics import HappenedIn, HappenedOn, StatisticsViews
from domain.activity import TOLD_TO
from domain.conversations.statistics import (
    DayRange,
    FeedbackCounts,
    Happened,
    MessageCounts,
    QuestionCounts,
    ResponseTimes,
)
from domain.ids import WorkspaceId


class MemoryStatisticsViews(StatisticsViews):
    """Committed events, counted."""

    def __init__(self, store: MemoryStore) -> None:
        self._activity = store.activity

    @override
    async def happened(self, workspace_id: WorkspaceId, days: DayRange) -> HappenedIn:
        dates, bounds = days.dates, days.bounds
        told = (event for event in self._activity[workspace_id] if TOLD_TO not in event.data)
        events = [event for event in told if bounds[0] <= event.at < bounds[-1]]
        deciding = _deciding(events)
        by_day: list[list[ActivityView]] = [[] for _ in dates]
        for event in events:
            by_day[bisect_right(bounds, event.at) - 1].append(event)
        shown = [
            HappenedOn(date=date, **_counted(of_day, deciding).counts)
            for date, of_day in zip(dates, by_day, strict=True)
        ]
        return HappenedIn(total=_counted(events, deciding), days=shown)


def _deciding(events: Iterable[ActivityView]) -> set[int]:
    """The events that tell what became of each question, and what is thought of each reply."""
    questions: dict[object, ActivityView] = {}
    ratings: dict[object, ActivityView] = {}
    for event in events:
        if event.type == "message.rated":
            ratings[event.subject.id] = event
        if event.type in {"run.completed", "run.failed"}:
            question = event.data["question_id"]
            if question not in questions or (_answers(event) and not _answers(questions[question])):
                questions[question] = event
    return {event.id for event in (*questions.values(), *ratings.values())}


def _answers(event: ActivityView) -> bool:
    return event.data.get("answered") is True


def _counted(events: Sequence[ActivityView], deciding: set[int]) -> Happened:
    completed = [event for event in events if event.type == "run.completed"]
    posted = [event for event in events if event.type == "message.posted"]
    by_members = [event for event in posted if event.data["role"] == "member"]
    asked = [event for event in events if event.id in deciding and event.type.startswith("run.")]
    rated = [event.data["value"] for event in events if event.id in deciding and event.type == "message.rated"]
    types = [event.type for event in events]
    return Happened(
        conversations=types.count("conversation.started"),
        messages=MessageCounts(
            visitor=sum(event.data["role"] == "visitor" for event in posted),
            member=len(by_members),
            assistant=len(completed),
        ),
        questions=QuestionCounts(
            answered=sum(map(_answers, asked)), unanswered=sum(not _answers(event) for event in asked)
        ),
        assistant_responses=_responses(completed),
        member_responses=_responses(by_members),
        feedback=FeedbackCounts(up=rated.count("up"), down=rated.count("down")),
        booking_links=_sum(completed, "booking_links"),
        minutes_saved=_sum(completed, "minutes_saved"),
        persons_requested=types.count("conversation.person_requested"),
        taken_over=types.count("conversation.taken_over"),
    )


def _responses(events: Iterable[ActivityView]) -> ResponseTimes:
    seconds = [cast("float | None", event.data["response_seconds"]) for event in events]
    return ResponseTimes.of([each for each in seconds if each is not None])


def _sum(events: Iterable[ActivityView], name: str) -> int:
    return sum(cast("int", event.data[name]) for event in events)
