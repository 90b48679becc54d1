from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from application.ports.activity import ActivityView
from application.ports.audit import AuditedEvent, AuditFilter, AuditViews
from domain.access import Caller, Permission
from domain.actors import Actor, ActorType, Subject
from domain.ids import WorkspaceId

_PIECE = 500
_SOMEBODY = Actor(ActorType.USER, UUID(int=0), "A member")


@dataclass(frozen=True, slots=True)
class ExportActivity:
    """Gives an owner what happened in a workspace to keep elsewhere."""

    views: AuditViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, only: AuditFilter
    ) -> AsyncGenerator[Sequence[AuditedEvent], None]:
        """The events in order, read piece by piece.

        Of one that another member alone is told, such as what they do with their companion, only the type and the time
        are left, so that none is missing between two of them.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.AUDIT_READ, workspace_id)
        first = await self.views.events(workspace_id, only, 0, _PIECE)
        return self._pieces(caller, workspace_id, only, first)

    async def _pieces(
        self, caller: Caller, workspace_id: WorkspaceId, only: AuditFilter, piece: Sequence[AuditedEvent]
    ) -> AsyncGenerator[Sequence[AuditedEvent], None]:
        while piece:
            yield [replace(each, event=_shown(each.event, caller.actor.id)) for each in piece]
            piece = await self.views.events(workspace_id, only, piece[-1].event.id, _PIECE)


def _shown(event: ActivityView, reader_id: UUID) -> ActivityView:
    if event.is_for(reader_id):
        return event
    nothing = Subject(event.subject.type, UUID(int=0))
    return replace(event, actor=_SOMEBODY, subject=nothing, causation_id=None, data={})
