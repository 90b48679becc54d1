from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from application.ports.statistics import HappenedOn
from domain.activity import Event
from domain.actors import Actor, ActorType
from domain.conversations import (
    ConversationStarted,
    ConversationTakenOver,
    MessagePosted,
    MessageRated,
    PersonRequested,
    RunCancelled,
    RunCompleted,
    RunFailed,
)
from domain.conversations.statistics import (
    DayRange,
    FeedbackCounts,
    Happened,
    MessageCounts,
    QuestionCounts,
    ResponseTimes,
)
from domain.ids import ConversationId, MessageId, RunId
from tests.contracts.examples import Tenant, a_tenant
from tests.contracts.stores import Stores

NOON = datetime(2026, 3, 28, 11, tzinfo=UTC)  # in Prague, the day before the clocks go forward
DAYS = DayRange(first=NOON.date(), last=NOON.date() + timedelta(days=2), timezone="Europe/Prague")
VISITOR = Actor(ActorType.VISITOR, uuid4(), "Visitor")
CONVERSATION = ConversationId(uuid4())


class _History:
    """Events of a tenant, as the use cases would record them."""

    def __init__(self, tenant: Tenant) -> None:
        self.events: list[Event] = []
        self._tenant = tenant

    def note(self, kind: type[Event], at: datetime, **fields: Any) -> None:
        event = kind(
            workspace_id=self._tenant.id,
            actor=VISITOR,
            at=at,
            conversation_id=CONVERSATION,  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
            **fields,
        )
        self.events.append(event)

    def completed(self, at: datetime, question: MessageId | None = None, *, answered: bool = True, **more: Any) -> None:
        fields: dict[str, Any] = {"response_seconds": 1.0, "booking_links": 0, "minutes_saved": 0, **more}
        question = question or MessageId(uuid4())
        self.note(
            RunCompleted,
            at,
            run_id=RunId(uuid4()),
            message_id=MessageId(uuid4()),
            question_id=question,
            answered=answered,
            **fields,
        )

    def failed(self, at: datetime, question: MessageId | None = None) -> None:
        question = question or MessageId(uuid4())
        self.note(RunFailed, at, run_id=RunId(uuid4()), question_id=question, code="timeout")

    def posted(self, at: datetime, role: str, seconds: float | None = None) -> None:
        self.note(MessagePosted, at, message_id=MessageId(uuid4()), role=role, response_seconds=seconds)

    def rated(self, at: datetime, message: MessageId, value: str) -> None:
        self.note(MessageRated, at, message_id=message, value=value)


async def _record(stores: Stores, events: Sequence[Event]) -> None:
    async with stores.begin() as work:
        work.record(*events)
        await work.commit(None)


class StatisticsContract:
    """Every `StatisticsViews`."""

    async def test_a_workspace_in_which_nothing_happened_has_zeros_on_every_day(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        found = await stores.statistics.happened(tenant.id, DAYS)
        assert found.total == Happened()
        assert list(found.days) == [HappenedOn(date=date) for date in DAYS.dates]

    async def test_what_one_user_alone_is_told_counts_nowhere(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        history = _History(tenant)
        history.note(ConversationStarted, NOON, channel="web", told_to=tenant.user.id)
        history.note(
            MessagePosted,
            NOON,
            message_id=MessageId(uuid4()),
            role="member",
            response_seconds=1.0,
            told_to=tenant.user.id,
        )
        history.completed(NOON, told_to=tenant.user.id)
        history.note(MessageRated, NOON, message_id=MessageId(uuid4()), value="up", told_to=tenant.user.id)
        await _record(stores, history.events)
        assert (await stores.statistics.happened(tenant.id, DAYS)).total == Happened()

    async def test_everything_is_counted_on_its_day(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        history, elsewhere = _History(tenant), _History(other)
        history.note(ConversationStarted, NOON, channel="web")
        history.posted(NOON, "visitor")
        history.completed(NOON, response_seconds=2.5, booking_links=1, minutes_saved=8)
        history.note(PersonRequested, NOON)
        next_day = NOON + timedelta(days=1)
        history.note(ConversationTakenOver, next_day)
        history.posted(next_day, "member", 60.25)
        history.posted(next_day, "member")
        history.note(RunCancelled, next_day, run_id=RunId(uuid4()))
        elsewhere.note(ConversationStarted, NOON, channel="web")
        await _record(stores, [*history.events, *elsewhere.events])
        found = await stores.statistics.happened(tenant.id, DAYS)
        first = Happened(
            conversations=1,
            messages=MessageCounts(visitor=1, assistant=1),
            questions=QuestionCounts(answered=1),
            assistant_responses=ResponseTimes(median_seconds=2.5, p90_seconds=2.5, count=1),
            booking_links=1,
            minutes_saved=8,
            persons_requested=1,
        )
        by_member = ResponseTimes(median_seconds=60.25, p90_seconds=60.25, count=1)
        assert [_plain(day) for day in found.days] == [
            first,
            Happened(messages=MessageCounts(member=2), member_responses=by_member, taken_over=1),
            Happened(),
        ]
        assert found.total == Happened(
            conversations=1,
            messages=MessageCounts(visitor=1, member=2, assistant=1),
            questions=QuestionCounts(answered=1),
            assistant_responses=first.assistant_responses,
            member_responses=by_member,
            booking_links=1,
            minutes_saved=8,
            persons_requested=1,
            taken_over=1,
        )

    async def test_days_begin_and_end_at_midnight_in_their_time_zone(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        history = _History(tenant)
        moment = timedelta(microseconds=1)
        for bound in DAYS.bounds:
            history.posted(bound - moment, "visitor")
            history.posted(bound, "visitor")
        await _record(stores, history.events)
        found = await stores.statistics.happened(tenant.id, DAYS)
        assert [day.messages.visitor for day in found.days] == [2, 2, 2]
        assert found.total.messages.visitor == 6

    async def test_a_question_counts_once_and_as_answered_when_any_run_answered_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        history = _History(tenant)
        retried, given_up, asked_again = (MessageId(uuid4()) for _ in range(3))
        history.failed(NOON, retried)
        history.failed(NOON, given_up)
        history.completed(NOON, asked_again)
        day = timedelta(days=1)
        history.completed(NOON + day, retried)
        history.completed(NOON + day, given_up, answered=False)
        history.completed(NOON + 2 * day, asked_again, answered=False)
        history.completed(NOON + 2 * day, asked_again)
        await _record(stores, history.events)
        found = await stores.statistics.happened(tenant.id, DAYS)
        assert [day.questions for day in found.days] == [
            QuestionCounts(answered=1, unanswered=1),
            QuestionCounts(answered=1),
            QuestionCounts(),
        ]
        assert found.total.questions == QuestionCounts(answered=2, unanswered=1)

    async def test_the_newest_rating_of_a_message_counts(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        history = _History(tenant)
        first, second = MessageId(uuid4()), MessageId(uuid4())
        history.rated(NOON, first, "up")
        history.rated(NOON, second, "up")
        history.rated(NOON + timedelta(days=1), first, "down")
        await _record(stores, history.events)
        found = await stores.statistics.happened(tenant.id, DAYS)
        assert [day.feedback for day in found.days[:2]] == [FeedbackCounts(up=1), FeedbackCounts(down=1)]
        assert found.total.feedback == FeedbackCounts(up=1, down=1)

    async def test_response_times_are_told_by_the_nearest_rank(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        history = _History(tenant)
        for seconds in (9.5, 0.25, 3.0, 4.0, 1.0, 2.0, 8.0, 7.0, 6.0, 5.0):
            history.completed(NOON, response_seconds=seconds)
        history.completed(NOON + timedelta(days=1), response_seconds=100.0)
        await _record(stores, history.events)
        found = await stores.statistics.happened(tenant.id, DAYS)
        assert found.days[0].assistant_responses == ResponseTimes(median_seconds=4.0, p90_seconds=8.0, count=10)
        assert found.total.assistant_responses == ResponseTimes(median_seconds=5.0, p90_seconds=9.5, count=11)


def _plain(day: HappenedOn) -> Happened:
    return Happened(**day.counts)
