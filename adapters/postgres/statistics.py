from collections.abc import Mapping
from typing import Any

from sqlalchemy import DateTime, Uuid, bindparam, column, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import NullType
from typing_extensions import override

from adapters.postgres.statements import Database, Statement
from application.ports.statistics import HappenedIn, HappenedOn, StatisticsViews
from domain.conversations.statistics import (
    DayRange,
    FeedbackCounts,
    Happened,
    MessageCounts,
    QuestionCounts,
    ResponseTimes,
)
from domain.ids import WorkspaceId

# Days are found by their bounds, which the domain reckons: the server may know other time zones, or them otherwise.
_EVENTS = """
    from activity
    where workspace_id = :workspace_id and at >= (:bounds)[1] and at < (:bounds)[cardinality(:bounds)]
      and data->>'told_to' is null
"""
_COUNTED = f"""
    select
      day,
      count(*) filter (where type = 'conversation.started') as conversations,
      count(*) filter (where role = 'visitor') as visitor,
      count(*) filter (where role = 'member') as member,
      count(*) filter (where type = 'run.completed') as assistant,
      percentile_disc(0.5) within group (order by seconds) filter (where type = 'run.completed') as assistant_median,
      percentile_disc(0.9) within group (order by seconds) filter (where type = 'run.completed') as assistant_p90,
      count(seconds) filter (where type = 'run.completed') as assistant_count,
      percentile_disc(0.5) within group (order by seconds) filter (where role = 'member') as member_median,
      percentile_disc(0.9) within group (order by seconds) filter (where role = 'member') as member_p90,
      count(seconds) filter (where role = 'member') as member_count,
      coalesce(sum(booking_links), 0) as booking_links,
      coalesce(sum(minutes_saved), 0) as minutes_saved,
      count(*) filter (where type = 'conversation.person_requested') as persons_requested,
      count(*) filter (where type = 'conversation.taken_over') as taken_over
    from (
      select
        width_bucket(at, :bounds) as day,
        type,
        case when type = 'message.posted' then data->>'role' end as role,
        (data->>'response_seconds')::float8 as seconds,
        (data->>'booking_links')::int as booking_links,
        (data->>'minutes_saved')::int as minutes_saved
      {_EVENTS}
      and type in ('conversation.started', 'conversation.person_requested', 'conversation.taken_over',
        'message.posted', 'run.completed')
    ) as events
    group by grouping sets ((day), ())
"""  # noqa: S608 (written here, all of it)
_DECIDED = f"""
    with told as materialized (
      select
        number,
        at,
        type = 'message.rated' as rated,
        coalesce(data->>'question_id', subject_id::text) as about,
        coalesce((data->>'answered')::boolean, false) as answered,
        data->>'value' as value
      {_EVENTS}
      and type in ('message.rated', 'run.completed', 'run.failed')
    )
    select
      width_bucket(at, :bounds) as day,
      count(*) filter (where what = 'answered') as answered,
      count(*) filter (where what = 'unanswered') as unanswered,
      count(*) filter (where what = 'up') as up,
      count(*) filter (where what = 'down') as down
    from (
      (
        select distinct on (about) at, case when answered then 'answered' else 'unanswered' end as what
        from told
        where not rated
        order by about, answered desc, number
      )
      union all
      (select distinct on (about) at, value as what from told where rated order by about, number desc)
    ) as decided
    group by 1
"""  # noqa: S608 (written here, all of it)


_BARE = NullType()  # as psycopg gives it


def _plain(**columns: Any) -> dict[str, Any]:
    return columns


def _statement(sql: str, *names: str) -> Statement[dict[str, Any]]:
    construct = text(sql).bindparams(
        bindparam("workspace_id", type_=Uuid()), bindparam("bounds", type_=ARRAY(DateTime(timezone=True)))
    )
    return Statement(construct.columns(*(column(name, _BARE) for name in names)), _plain)


_COUNTS = _statement(
    _COUNTED,
    "day",
    "conversations",
    "visitor",
    "member",
    "assistant",
    "assistant_median",
    "assistant_p90",
    "assistant_count",
    "member_median",
    "member_p90",
    "member_count",
    "booking_links",
    "minutes_saved",
    "persons_requested",
    "taken_over",
)
_DECISIONS = _statement(_DECIDED, "day", "answered", "unanswered", "up", "down")
_NOTHING: Mapping[str, Any] = {}


class PostgresStatisticsViews(StatisticsViews):
    """Events, counted where they lie."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def happened(self, workspace_id: WorkspaceId, days: DayRange) -> HappenedIn:
        asked = {"workspace_id": workspace_id, "bounds": list(days.bounds)}
        counts = {row["day"]: row for row in await self._database.all(_COUNTS, **asked)}
        decisions = {row["day"]: row for row in await self._database.all(_DECISIONS, **asked)}
        decided = {
            name: sum(row[name] for row in decisions.values()) for name in ("answered", "unanswered", "up", "down")
        }
        return HappenedIn(
            total=Happened(**_figures(counts[None], decided)),
            days=[
                HappenedOn(date=date, **_figures(counts.get(number, _NOTHING), decisions.get(number, _NOTHING)))
                for number, date in enumerate(days.dates, start=1)
            ],
        )


def _figures(counts: Mapping[str, Any], decisions: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "conversations": counts.get("conversations", 0),
        "messages": MessageCounts(
            visitor=counts.get("visitor", 0), member=counts.get("member", 0), assistant=counts.get("assistant", 0)
        ),
        "questions": QuestionCounts(answered=decisions.get("answered", 0), unanswered=decisions.get("unanswered", 0)),
        "assistant_responses": _responses(counts, "assistant"),
        "member_responses": _responses(counts, "member"),
        "feedback": FeedbackCounts(up=decisions.get("up", 0), down=decisions.get("down", 0)),
        "booking_links": counts.get("booking_links", 0),
        "minutes_saved": counts.get("minutes_saved", 0),
        "persons_requested": counts.get("persons_requested", 0),
        "taken_over": counts.get("taken_over", 0),
    }


def _responses(counts: Mapping[str, Any], who: str) -> ResponseTimes:
    return ResponseTimes(
        median_seconds=counts.get(f"{who}_median"),
        p90_seconds=counts.get(f"{who}_p90"),
        count=counts.get(f"{who}_count", 0),
    )
