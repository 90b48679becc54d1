from collections.abc import Mapping
from typing import NamedTuple

from domain.access import Caller
from domain.actors import ActorType
from domain.errors import NotFound
from domain.ids import UserId, WorkspaceId
from domain.permissions import Permission

OF_A_COMPANION: Mapping[Permission, Permission] = {
    Permission.CONVERSATION_READ: Permission.MEMORY_READ,
    Permission.CONVERSATION_WRITE: Permission.MEMORY_WRITE,
}
"""What opens one's own companion: what is said there is remembered, and no bridge's key is to read it."""


class Place(NamedTuple):
    """Where a conversation belongs: to a workspace, or in it to the one user whose companion it is with."""

    workspace_id: WorkspaceId
    user_id: UserId | None = None

    def must_admit(self, caller: Caller, permission: Permission) -> None:
        """Nothing, when the caller may do this there; `permission` is that for conversations with visitors.

        Raises:
            NotFound: the caller does not belong to the workspace, or it is another's companion, of which no role and no
                key may know.
            Forbidden: they do, but their role or their key lacks the permission, or in one's own companion the one of
                `OF_A_COMPANION`.
        """
        if self.user_id is None:
            caller.must(permission, self.workspace_id)
            return
        if caller.actor.type is not ActorType.USER or caller.actor.id != self.user_id:
            raise NotFound
        caller.must(OF_A_COMPANION[permission], self.workspace_id)
