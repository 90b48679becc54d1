from typing import cast

from sqlalchemy import Integer, bindparam
from typing_extensions import override

from adapters.postgres.conversations import RUNS
from adapters.postgres.statements import Database, Statement
from adapters.postgres.tables import runs
from application.ports.conversations import RunView
from application.ports.runs import RunViews
from domain.ids import ConversationId
from domain.pages import Page, decode_cursor, page_of

_GREATEST = 2**31 - 1
_RUNS_BEHIND = Statement(
    RUNS.select()
    .where(runs.c.conversation_id == bindparam("conversation_id"), runs.c.turn < bindparam("turn", type_=Integer()))
    .order_by(runs.c.turn.desc())
    .limit(bindparam("most")),
    RUNS.make,
)


class PostgresRunViews(RunViews):
    """Runs, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def runs(self, conversation_id: ConversationId, cursor: str | None, limit: int) -> Page[RunView]:
        turn = _GREATEST if cursor is None else _turn(cursor)
        found = await self._database.all(_RUNS_BEHIND, conversation_id=conversation_id, turn=turn, most=limit + 1)
        page = page_of(found, limit, lambda run: (run.turn,))
        return Page(items=[RunView.of(run) for run in page.items], next_cursor=page.next_cursor)


def _turn(cursor: str) -> int:
    (turn,) = decode_cursor(cursor, int)
    return min(max(cast("int", turn), 0), _GREATEST)
