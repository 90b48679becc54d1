"""What a search looks through: what a store holds, or drafts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from adapters.memory.store import MemoryStore, SourceRow
from application.ports.embeddings import Vector
from application.ports.passage_search import FoundPassage
from domain.ids import CollectionId, MemoryId, PassageId
from domain.knowledge import Filters, Passage, Scope, Source, SourceKind, Standing

_SAID = frozenset({SourceKind.MESSAGE, SourceKind.VISITOR_MESSAGE})


class Shelf(Protocol):
    """What is searched."""

    def rows(self, filters: Filters) -> Iterable[SourceRow]: ...
    def passage(self, passage_id: PassageId) -> tuple[Passage, Standing] | None: ...
    def vector(self, passage_id: PassageId, embedder: str) -> Vector | None: ...
    def described(self, passage: Passage, standing: Standing) -> FoundPassage: ...


@dataclass(frozen=True, slots=True)
class StoreShelf(Shelf):
    """What a store has committed."""

    store: MemoryStore

    @override
    def rows(self, filters: Filters) -> Iterable[SourceRow]:
        rows = self.store.sources.rows.values()
        return [row for row in rows if _passes(row, filters) and self._chosen(row.source, filters)]

    @override
    def passage(self, passage_id: PassageId) -> tuple[Passage, Standing] | None:
        rows = self.store.sources.rows.values()
        found = ((each, row.standing) for row in rows for each in row.passages if each.id == passage_id)
        return next(found, None)

    @override
    def vector(self, passage_id: PassageId, embedder: str) -> Vector | None:
        row = self.store.embeddings.rows.get(passage_id)
        return row.vector if row is not None and row.embedder == embedder else None

    @override
    def described(self, passage: Passage, standing: Standing) -> FoundPassage:
        kind, key = passage.source
        document = self.store.documents.rows.get(key) if kind is SourceKind.DOCUMENT else None
        memory = self.store.memories.rows.get(key) if kind is SourceKind.MEMORY else None
        message = self.store.messages.rows.get(key) if kind in _SAID else None
        return FoundPassage(
            passage=passage,
            standing=standing,
            title=document.title if document else "",
            uri=document.source_uri if document else None,
            uses=memory.access_count if memory else 0,
            conversation_id=message.conversation_id if message else None,
        )

    def _chosen(self, source: Source, filters: Filters) -> bool:
        """Whether it passes the filters that ask for more of a memory than its standing."""
        if not filters.collections and not filters.tags:
            return True
        memory = self.store.memories.rows.get(source.id) if source.kind is SourceKind.MEMORY else None
        return (
            memory is not None
            and (not filters.tags or not filters.tags.isdisjoint(memory.tags))
            and (not filters.collections or not filters.collections.isdisjoint(self._collections(memory.id, filters)))
        )

    def _collections(self, memory_id: MemoryId, filters: Filters) -> Iterator[CollectionId]:
        """Which collections of the reader hold it."""
        for held in self.store.collection_memories.rows.values():
            collection = self.store.collections.rows.get(held.collection_id)
            if held.memory_id == memory_id and collection and collection.owner_id == filters.reader_id:
                yield held.collection_id


@dataclass(frozen=True, slots=True)
class DraftShelf(Shelf):
    """Passages that are stored nowhere, which have no vectors."""

    passages: Sequence[Passage]
    standing: Standing

    @override
    def rows(self, filters: Filters) -> Iterable[SourceRow]:
        each = (SourceRow(one.workspace_id, one.source, (one,), self.standing, None) for one in self._ordered())
        return [row for row in each if _passes(row, filters) and not filters.collections and not filters.tags]

    @override
    def passage(self, passage_id: PassageId) -> tuple[Passage, Standing] | None:
        return next(((each, self.standing) for each in self.passages if each.id == passage_id), None)

    @override
    def vector(self, passage_id: PassageId, embedder: str) -> Vector | None:
        return None

    @override
    def described(self, passage: Passage, standing: Standing) -> FoundPassage:
        return FoundPassage(passage=passage, standing=standing, title="", uri=None, uses=0)

    def _ordered(self) -> list[Passage]:
        return sorted(self.passages, key=lambda passage: (passage.source, passage.position))


def _passes(row: SourceRow, filters: Filters) -> bool:
    standing = row.standing
    visible = standing.reader_id is None or standing.reader_id == filters.reader_id
    own = standing.owner_id is not None and standing.owner_id == filters.reader_id
    in_scope = (Scope.OWN in filters.scopes and own) or (Scope.WORKSPACE in filters.scopes and not standing.reader_id)
    return (
        row.workspace_id == filters.workspace_id
        and visible
        and (not filters.scopes or in_scope)
        and _among(row.source.kind, filters.kinds)
        and _among(standing.tier, filters.tiers)
        and filters.owner_id in {None, standing.owner_id}
        and row.source.id not in filters.excluding
        and _timely(standing, filters)
    )


def _timely(standing: Standing, filters: Filters) -> bool:
    return (
        (filters.since is None or standing.at >= filters.since)
        and (filters.until is None or standing.at < filters.until)
        and (standing.expires_at is None or standing.expires_at > filters.at)
    )


def _among(value: object, chosen: Collection[object]) -> bool:
    return not chosen or value in chosen
