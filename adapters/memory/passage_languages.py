from collections.abc import Sequence
from dataclasses import replace

from typing_extensions import override

from adapters.memory.store import MemoryStore, SourceRow
from application.ports.passage_languages import PassageLanguages, StalePassage
from domain.ids import WorkspaceId
from domain.knowledge import SourceKind
from domain.workspaces import Workspace


class MemoryPassageLanguages(PassageLanguages):
    """The languages of the sources of a store, whose passages are stemmed when they are searched."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def stale(self, workspace_id: WorkspaceId, limit: int) -> Sequence[StalePassage]:
        workspace = self._store.workspaces.rows.get(workspace_id)
        if workspace is None:
            return ()
        return [told for row in self._rows(workspace) for told in _told(row, workspace)][:limit]

    @override
    async def put(self, workspace_id: WorkspaceId, passages: Sequence[StalePassage]) -> int:
        workspace, written = self._store.workspaces.rows.get(workspace_id), 0
        if workspace is None:
            return 0
        with self._store.transaction() as transaction:
            for row in self._rows(workspace):
                same = [each for each in _told(row, workspace) if each in passages]
                if same and self._store.locks.free((self._store.sources.name, row.source)):
                    await transaction.put(self._store.sources, replace(row, language=workspace.language))
                    written += len(same)
            transaction.apply()
        return written

    def _rows(self, workspace: Workspace) -> list[SourceRow]:
        """The sources with stale passages, if they have any."""
        rows = [row for row in self._store.sources.rows.values() if row.workspace_id == workspace.id]
        return [row for row in rows if row.language != workspace.language and not self._has_its_own(row)]

    def _has_its_own(self, row: SourceRow) -> bool:
        document = self._store.documents.rows.get(row.source.id) if row.source.kind is SourceKind.DOCUMENT else None
        return document is not None and document.language is not None


def _told(row: SourceRow, workspace: Workspace) -> list[StalePassage]:
    kind, language = row.source.kind, workspace.language
    return [StalePassage(passage_id=each.id, kind=kind, words=each.words, language=language) for each in row.passages]
