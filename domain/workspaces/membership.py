from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from domain.access import Role
from domain.errors import Conflict, Forbidden, NotFound
from domain.ids import UserId, WorkspaceId
from domain.workspaces.workspace import PersonalWorkspace, Workspace

MOST_WORKSPACES = 100
"""How many a user may own to make another."""


class AlreadyMember(Conflict):
    """The user belongs to the workspace already."""

    code = "already_member"
    detail = "They belong to this workspace already."


class LastOwner(Conflict):
    """Nobody else owns the workspace."""

    code = "last_owner"
    detail = "A workspace needs an owner. Make somebody else an owner first."


class TooManyWorkspaces(Conflict):
    """The user owns as many workspaces as anybody may."""

    code = "too_many_workspaces"
    detail = f"You own {MOST_WORKSPACES} workspaces, and cannot make another."


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What a user is in a workspace."""

    workspace_id: WorkspaceId
    user_id: UserId
    role: Role
    joined_at: datetime


def check_number(memberships: Iterable[Membership]) -> None:
    """Nothing, when a user with these memberships may make another workspace.

    Raises:
        TooManyWorkspaces: they may not.
    """
    if sum(member.role is Role.OWNER for member in memberships) >= MOST_WORKSPACES:
        raise TooManyWorkspaces


_MANAGERS = frozenset({Role.OWNER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Team:
    """All members of a workspace, which always has an owner.

    Owners and admins manage the others; what is an owner's, only owners give and take. Each method answers with
    memberships as they are then, or that are to end, and changes nothing.

    Attributes:
        host_id: whose personal workspace it is, who stays its owner; None when it is shared.
    """

    members: Mapping[UserId, Membership]
    host_id: UserId | None = None

    @classmethod
    def of(cls, workspace: Workspace, members: Iterable[Membership]) -> Self:
        """The team of the workspace."""
        return cls({member.user_id: member for member in members}, workspace.owner_id)

    def member(self, user_id: UserId) -> Membership:
        """What the user is here.

        Raises:
            NotFound: they do not belong here.
        """
        found = self.members.get(user_id)
        if found is None:
            raise NotFound
        return found

    def having(self, member: Membership) -> Self:
        """The team with this membership, in place of another of the user's."""
        return replace(self, members={**self.members, member.user_id: member})

    def lacking(self, member: Membership) -> Self:
        """The team once the membership has ended."""
        return replace(self, members={at: each for at, each in self.members.items() if at != member.user_id})

    def may_give(self, role: Role, by: UserId) -> bool:
        """Whether `must_give` passes."""
        try:
            self.must_give(role, by)
        except (NotFound, Forbidden):
            return False
        return True

    def must_give(self, role: Role, by: UserId) -> None:
        """Nothing, when `by` may make somebody a `role`, or manage one who is.

        Raises:
            NotFound: `by` does not belong here. Forbidden: their role does not allow it.
        """
        own = self.member(by).role
        if own not in _MANAGERS:
            raise Forbidden(f"Your role '{own}' lacks the permission 'member:write'.")
        if role is Role.OWNER and own is not Role.OWNER:
            raise Forbidden("Only owners make or unmake owners.")

    def must_own(self, by: UserId) -> None:
        """Nothing, when `by` owns the workspace.

        Raises:
            NotFound: `by` does not belong here. Forbidden: they are no owner.
        """
        own = self.member(by).role
        if own is not Role.OWNER:
            raise Forbidden(f"Your role '{own}' lacks the permission 'ownership:write'.")

    def with_role(self, user_id: UserId, role: Role, by: UserId) -> Membership:
        """The user as a `role`.

        Raises:
            NotFound: `by` or the user does not belong here. Forbidden: `by` may not; nobody raises themselves.
            LastOwner: nobody would own the workspace. PersonalWorkspace: it would be its host who does not.
        """
        member = self.member(user_id)
        for each in (member.role, role):
            self.must_give(each, by)
        if member.role is Role.OWNER and role is not Role.OWNER:
            self._must_spare(user_id)
        return replace(member, role=role)

    def removed(self, user_id: UserId, by: UserId) -> Membership:
        """The membership that ends when `by` removes the user.

        Raises:
            NotFound: `by` or the user does not belong here. Forbidden: `by` may not.
            LastOwner: nobody would own the workspace. PersonalWorkspace: it is the user's own.
        """
        member = self.member(user_id)
        self.must_give(member.role, by)
        return self.left(user_id)

    def left(self, user_id: UserId) -> Membership:
        """The membership that ends when the user leaves.

        Raises:
            NotFound: they do not belong here.
            LastOwner: nobody would own the workspace. PersonalWorkspace: it is the user's own.
        """
        member = self.member(user_id)
        if member.role is Role.OWNER:
            self._must_spare(user_id)
        return member

    def transferred(self, to: UserId, by: UserId) -> tuple[Membership, Membership]:
        """`to` as an owner, and `by`, who was one, as an admin.

        Raises:
            NotFound: `by` or `to` does not belong here. Forbidden: `by` is no owner.
            Conflict: they are one. PersonalWorkspace: it cannot be given away.
        """
        self.must_own(by)
        if self.host_id is not None:
            raise PersonalWorkspace
        heir = self.member(to)
        if to == by:
            raise Conflict("You own this workspace already.")
        return replace(heir, role=Role.OWNER), replace(self.member(by), role=Role.ADMIN)

    def _must_spare(self, user_id: UserId) -> None:
        if user_id == self.host_id:
            raise PersonalWorkspace
        if not any(member.role is Role.OWNER for member in self.members.values() if member.user_id != user_id):
            raise LastOwner
