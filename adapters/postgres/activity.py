from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import DateTime, Select, Text, Uuid, bindparam, func, join, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from typing_extensions import override

from adapters.postgres.statements import Command, Database, Queries, Statement, only
from adapters.postgres.tables import activity, activity_heads, users
from application.ports.activity import ActivityFilter, ActivityView, ActivityViews
from domain.activity import TOLD_TO, Event
from domain.actors import ActorType, Subject, named
from domain.ids import WorkspaceId
from domain.pages import InvalidCursor, Page, decode_cursor, page_of

_LARGEST = 2**63 - 1

# The row of the head stays locked until the commit, so that numbers come without gaps and in the order of commits; and
# therefore this is a unit's last statement: whatever came after it would keep the whole workspace waiting.
_RECORD = Command(
    text(
        """
        with head as (
          insert into activity_heads as h (workspace_id, number) values (:workspace_id, cardinality(:types))
          on conflict (workspace_id) do update set number = h.number + excluded.number
          returning number
        )
        insert into activity
          (workspace_id, number, type, actor_type, actor_id, subject_type, subject_id, at, causation_id,
          data)
        select :workspace_id, head.number - cardinality(:types) + e.place, e.type, e.actor_type, e.actor_id,
          e.subject_type, e.subject_id, e.at, :causation_id, e.data::jsonb
        from head, unnest(:types, :actor_types, :actor_ids, :subject_types, :subject_ids, :times, :data)
          with ordinality
          as e (type, actor_type, actor_id, subject_type, subject_id, at, data, place)
        """
    ).bindparams(
        bindparam("workspace_id", type_=Uuid()),
        bindparam("causation_id", type_=Text()),
        bindparam("types", type_=ARRAY(Text())),
        bindparam("actor_types", type_=ARRAY(Text())),
        bindparam("actor_ids", type_=ARRAY(Uuid())),
        bindparam("subject_types", type_=ARRAY(Text())),
        bindparam("subject_ids", type_=ARRAY(Uuid())),
        bindparam("times", type_=ARRAY(DateTime(timezone=True))),
        bindparam("data", type_=ARRAY(Text())),
    )
)


async def write_activity(queries: Queries, events: Sequence[Event], causation_id: str | None) -> None:
    """Gives each event the next number of its workspace, with one statement for each workspace."""
    by_workspace: defaultdict[WorkspaceId, list[Event]] = defaultdict(list)
    for event in events:
        by_workspace[event.workspace_id].append(event)
    # In one order, so that two units with the same workspaces never wait for each other.
    for workspace_id in sorted(by_workspace):
        columns = _columns(by_workspace[workspace_id])
        await queries.run(_RECORD, workspace_id=workspace_id, causation_id=causation_id, **columns)


def _columns(events: Sequence[Event]) -> dict[str, Any]:
    return {
        "types": [event.type for event in events],
        "actor_types": [event.actor.type for event in events],
        "actor_ids": [event.actor.id for event in events],
        "subject_types": [event.subject.type for event in events],
        "subject_ids": [event.subject.id for event in events],
        "times": [event.at for event in events],
        "data": [msgspec.json.encode(event.data).decode() for event in events],
    }


_t = activity.c
activity_columns = (
    _t.number.label("id"),
    _t.type,
    _t.actor_type,
    _t.actor_id,
    users.c.name.label("actor_name"),
    _t.subject_type,
    _t.subject_id,
    _t.at,
    _t.causation_id,
    _t.data,
)
"""What `activity_view` wants, `from_activity`."""
from_activity = join(activity, users, _t.actor_id == users.c.id, isouter=True)
_of_workspace = select(*activity_columns).select_from(from_activity).where(_t.workspace_id == bindparam("workspace_id"))
_reader = bindparam("reader", type_=Text())
_CONDITIONS = {
    "type": _t.type == bindparam("type"),
    "noun": func.split_part(_t.type, ".", 1) == bindparam("noun"),
    "actor": _t.actor_id == bindparam("actor"),
    "subject": _t.subject_id == bindparam("subject"),
    "since": _t.number > bindparam("since"),
    "before": _t.number < bindparam("before"),
    "reader": func.coalesce(_t.data[TOLD_TO].astext, _reader) == _reader,
}


def activity_view(
    *,
    actor_type: ActorType,
    actor_id: UUID,
    actor_name: str | None,
    subject_type: str,
    subject_id: UUID,
    **columns: Any,
) -> ActivityView:
    """The event as members see it."""
    actor = named(actor_type, actor_id, actor_name)
    return ActivityView(actor=actor, subject=Subject(subject_type, subject_id), **columns)


@cache
def _newest(filters: frozenset[str]) -> Statement[ActivityView]:
    construct: Select[*tuple[Any, ...]] = _of_workspace
    for name in filters:
        construct = construct.where(_CONDITIONS[name])
    return Statement(construct.order_by(_t.number.desc()).limit(bindparam("most")), activity_view)


_AFTER = Statement(
    _of_workspace.where(_t.number > bindparam("number")).order_by(_t.number).limit(bindparam("most")), activity_view
)
_HEAD = Statement(
    select(activity_heads.c.number).where(activity_heads.c.workspace_id == bindparam("workspace_id")), only
)


class PostgresActivityViews(ActivityViews):
    """Events, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def newest(
        self, workspace_id: WorkspaceId, only: ActivityFilter, cursor: str | None, limit: int
    ) -> Page[ActivityView]:
        given = _given(only) | ({} if cursor is None else {"before": _number(cursor)})
        found = await self._database.all(_newest(frozenset(given)), workspace_id=workspace_id, most=limit + 1, **given)
        return page_of(found, limit, lambda event: (event.id,))

    @override
    async def after(self, workspace_id: WorkspaceId, number: int, limit: int) -> list[ActivityView]:
        return await self._database.all(_AFTER, workspace_id=workspace_id, number=_bounded(number), most=limit)

    @override
    async def head(self, workspace_id: WorkspaceId) -> int:
        return await self._database.one(_HEAD, workspace_id=workspace_id) or 0


def _given(only: ActivityFilter) -> dict[str, Any]:
    wanted = {
        "type" if only.type and "." in only.type else "noun": only.type,
        "actor": only.actor,
        "subject": only.subject,
        "since": None if only.since is None else _bounded(only.since),
        "reader": None if only.reader_id is None else str(only.reader_id),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _number(cursor: str) -> int:
    (number,) = decode_cursor(cursor, int)
    if not isinstance(number, int) or abs(number) > _LARGEST:
        raise InvalidCursor
    return number


def _bounded(number: int) -> int:
    return max(-1, min(number, _LARGEST))
