from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from domain.access import Role
from domain.activity import Event
from domain.ids import InviteId, UserId, WorkspaceId
from domain.pages import Page
from domain.workspaces import Invite


class Invites(Protocol):
    """Who is invited to a workspace."""

    async def add(self, invite: Invite, because: Event) -> None:
        """Stores a new invite.

        Raises:
            AlreadyInvited: one of the workspace to the same address is pending.
        """
        ...

    async def get(self, invite_id: InviteId) -> Invite:
        """The invite.

        Raises:
            NotFound: there is none.
        """
        ...

    async def lock(self, invite_id: InviteId) -> Invite:
        """The invite as it is now, which nobody else changes until the unit ends.

        In the order of locks it comes after its workspace.

        Raises:
            NotFound: there is none.
        """
        ...

    async def pending(self, workspace_id: WorkspaceId) -> Sequence[Invite]:
        """The workspace's invites that are neither accepted nor revoked, oldest first."""
        ...

    async def pending_for(self, email: str) -> Sequence[Invite]:
        """The invites to this address, in any case of its letters, that are neither accepted nor revoked."""
        ...

    async def save(self, invite: Invite, because: Event) -> None:
        """Replaces the stored one, which must be locked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteView:
    """A pending invite as members see it.

    Attributes:
        email: None for those who do not manage members.
        sent_at: when its link was mailed last.
        expires_at: when that link opens nothing any more; in the past, the invite waits to be sent again.
    """

    id: InviteId
    workspace_id: WorkspaceId
    email: str | None
    role: Role
    invited_by: UserId
    created_at: datetime
    sent_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, invite: Invite) -> Self:
        """The view of a pending invite that was just written or read."""
        return cls(
            id=invite.id,
            workspace_id=invite.workspace_id,
            email=invite.email,
            role=invite.role,
            invited_by=invite.invited_by,
            created_at=invite.created_at,
            sent_at=invite.sent_at,
            expires_at=invite.expires_at,
        )


class InviteViews(Protocol):
    """Invites, to look at."""

    async def pending(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[InviteView]:
        """The workspace's invites that are neither accepted nor revoked, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def invite(self, invite_id: InviteId) -> Invite | None:
        """The invite, or None."""
        ...
