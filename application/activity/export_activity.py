from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from application.ports.audit import AuditedEvent, AuditFilter, AuditViews
from domain.access import Caller, Permission
from domain.ids import WorkspaceId

_PIECE = 500


@dataclass(frozen=True, slots=True)
class ExportActivity:
    """Gives an owner what happened in a workspace to keep elsewhere."""

    views: AuditViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, only: AuditFilter
    ) -> AsyncGenerator[Sequence[AuditedEvent], None]:
        """The events in order, read piece by piece.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.AUDIT_READ, workspace_id)
        first = await self.views.events(workspace_id, only, 0, _PIECE)
        return self._pieces(workspace_id, only, first)

    async def _pieces(
        self, workspace_id: WorkspaceId, only: AuditFilter, piece: Sequence[AuditedEvent]
    ) -> AsyncGenerator[Sequence[AuditedEvent], None]:
        while piece:
            yield piece
            piece = await self.views.events(workspace_id, only, piece[-1].event.id, _PIECE)
