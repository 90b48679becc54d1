from dataclasses import dataclass
from datetime import datetime

from application.ports.memories import MemoryPolicy, MemoryView, MemoryViews
from application.ports.passage_search import PassageSearch
from domain.ids import MemoryId
from domain.knowledge import Filters, SourceKind
from domain.memories import ALIKE, Memory, likeness

_LOOKED_AT = 5
_QUERY = 1_000
"""Characters of a content that are looked for: enough to find what says nearly the same."""


@dataclass(frozen=True, slots=True)
class FindSimilar:
    """Finds the memory of the same owner that says nearly the same as another."""

    search: PassageSearch
    views: MemoryViews

    async def __call__(
        self, memory: Memory | MemoryView, policy: MemoryPolicy, at: datetime | None = None
    ) -> MemoryId | None:
        """The most alike of the five that share the most words with it, from `ALIKE` on, or None; never itself.

        Of those whose time is not over `at` a moment, that of the memory's creation unless given.
        """
        only = Filters(
            workspace_id=memory.workspace_id,
            reader_id=memory.owner_id,
            owner_id=memory.owner_id,
            kinds=frozenset({SourceKind.MEMORY}),
            at=at or memory.created_at,
            excluding=frozenset({memory.id}),
        )
        ranked = await self.search.lexical(memory.content[:_QUERY], policy.language, only, _LOOKED_AT, typos=False)
        found = await self.search.found([each.passage_id for each in ranked])
        others = await self.views.several({MemoryId(each.passage.source.id) for each in found})
        alike = {other.id: likeness(other.content, memory.content) for other in others}
        best = max(alike, key=lambda key: (alike[key], key), default=None)
        return best if best is not None and alike[best] >= ALIKE else None
