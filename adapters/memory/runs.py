from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.conversations import RunView
from application.ports.runs import RunViews
from domain.ids import ConversationId
from domain.pages import Page, decode_cursor, page_of


class MemoryRunViews(RunViews):
    """Committed runs."""

    def __init__(self, store: MemoryStore) -> None:
        self._runs = store.runs

    @override
    async def runs(self, conversation_id: ConversationId, cursor: str | None, limit: int) -> Page[RunView]:
        behind = decode_cursor(cursor, int) if cursor else None
        found = [run for run in self._runs.rows.values() if run.conversation_id == conversation_id]
        ordered = sorted(found, key=lambda run: -run.turn)
        page = page_of(
            [run for run in ordered if behind is None or (run.turn,) < behind][: limit + 1],
            limit,
            lambda run: (run.turn,),
        )
        return Page(items=[RunView.of(run) for run in page.items], next_cursor=page.next_cursor)
