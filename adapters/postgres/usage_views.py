from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Column, bindparam, false, func, select
from typing_extensions import override

from adapters.postgres.statements import Database, Statement, only
from adapters.postgres.tables import usage_entries, workspaces
from application.ports.usage import MOST_GROUPS, UsageGroup, UsageReport, UsageRow, UsageViews
from domain.ids import WorkspaceId
from domain.pricing import Cost
from domain.usage import UsageSum

_t = usage_entries.c
_TIMEZONE: Statement[str] = Statement(select(workspaces.c.timezone).where(workspaces.c.id == bindparam("id")), only)


def _part(*, currency: str | None, amount: Decimal | None, calls: int, **sums: Any) -> UsageSum:
    if currency is None or amount is None:
        return UsageSum(calls=calls, unpriced_calls=calls, **sums)
    return UsageSum(calls=calls, costs=(Cost(amount=f"{amount:f}", currency=currency),), **sums)


def _keyed_part(*, key: object, **columns: Any) -> tuple[str, UsageSum]:
    return str(key), _part(**columns)


_in_range = (_t.workspace_id == bindparam("workspace_id"), _t.day.between(bindparam("first"), bindparam("last")))
_sums = (
    _t.cost_currency.label("currency"),
    func.trim_scale(func.sum(_t.cost_amount)).label("amount"),
    func.count().label("calls"),
    func.count().filter(_t.estimated).label("estimated_calls"),
    func.sum(_t.input_tokens).label("input_tokens"),
    func.sum(_t.output_tokens).label("output_tokens"),
)
_TOTAL = Statement(select(*_sums).where(*_in_range).group_by(_t.cost_currency), _part)
_GROUPS: Mapping[UsageGroup, Column[Any]] = {
    UsageGroup.DAY: _t.day,
    UsageGroup.MODEL: _t.model,
    UsageGroup.CONVERSATION: _t.conversation_id,
}


@cache
def _rows(group: UsageGroup) -> Statement[tuple[str, UsageSum]]:
    key = _GROUPS[group]
    most = [] if group is UsageGroup.DAY else [func.sum(_t.input_tokens + _t.output_tokens).desc()]
    known = (_t.private == false(),) if group is UsageGroup.CONVERSATION else ()
    shown = select(key).where(*_in_range, *known).group_by(key).order_by(*most, key).limit(MOST_GROUPS)
    found = select(key.label("key"), *_sums).where(*_in_range, key.in_(shown)).group_by(key, _t.cost_currency)
    return Statement(found, _keyed_part)


class PostgresUsageViews(UsageViews):
    """Usage, added up from the rows of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def timezone(self, workspace_id: WorkspaceId) -> str | None:
        return await self._database.one(_TIMEZONE, id=workspace_id)

    @override
    async def report(self, workspace_id: WorkspaceId, first: date, last: date, group: UsageGroup) -> UsageReport:
        values = {"workspace_id": workspace_id, "first": first, "last": last}
        parts = await self._database.all(_rows(group), **values)
        total = UsageSum.together(await self._database.all(_TOTAL, **values))
        return UsageReport(rows=_in_order(parts, group), total=total)


def _in_order(parts: Iterable[tuple[str, UsageSum]], group: UsageGroup) -> list[UsageRow]:
    groups: defaultdict[str, list[UsageSum]] = defaultdict(list)
    for key, part in parts:
        groups[key].append(part)
    rows = (UsageRow(key=key, usage=UsageSum.together(those)) for key, those in groups.items())
    return UsageRow.in_order(rows, group)
