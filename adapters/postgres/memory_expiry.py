"""The statement by which memories come to expire as their workspace has chosen."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, case, func, select, update

from adapters.postgres.statements import Statement, constant, only
from adapters.postgres.tables import memories, passages
from domain.knowledge import SourceKind
from domain.memories import Tier

_m = memories.c


def _after(days: str) -> ColumnElement[Any]:
    return _m.created_at + func.make_interval(0, 0, 0, 0, bindparam(days, type_=Integer()) * 24)


_expiry = case(
    (_m.pinned, None),
    (_m.tier == constant(Tier.PROJECT), _after("project_days")),
    (_m.tier == constant(Tier.TASK), _after("task_days")),
)
# In the order of ids, as all lock memories; behind the last one, so that all batches together walk the ids once.
_due = (
    select(_m.id)
    .where(
        _m.workspace_id == bindparam("of_workspace"),
        _m.deleted_at.is_(None),
        _m.expires_at.is_distinct_from(_expiry),
        _m.id > bindparam("after"),
    )
    .order_by(_m.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True)
    .cte("due")
)
_moved = (
    update(memories).where(_m.id == _due.c.id).values(expires_at=_expiry).returning(_m.id, _m.expires_at).cte("moved")
)
_moved_passages = (
    update(passages)
    .where(
        passages.c.workspace_id == bindparam("of_workspace"),
        passages.c.kind == constant(SourceKind.MEMORY),
        passages.c.source_id == _moved.c.id,
    )
    .values(expires_at=_moved.c.expires_at)
    .returning(passages.c.id)
    .cte("moved_passages")
)
REDATE = Statement(select(_moved.c.id).add_cte(_moved_passages), only)
"""The ids of up to `most` memories that it changed; with their passages."""
