"""Who owns a workspace after its owners are gone."""

from collections.abc import Iterable
from dataclasses import replace

from domain.access import Role
from domain.ids import UserId
from domain.workspaces.membership import Membership

_RANKS = list(Role)


def heir_of(members: Iterable[Membership], user_id: UserId) -> Membership | None:
    """The member, as an owner, who owns the workspace once the user is gone: the most trusted, then the longest there.

    None when another owner is there, nobody else is, or the user is no owner.
    """
    roles = {member.user_id: member.role for member in members}
    others = [member for member in members if member.user_id != user_id]
    if roles.get(user_id) is not Role.OWNER or any(member.role is Role.OWNER for member in others):
        return None
    first = min(others, key=lambda member: (_RANKS.index(member.role), member.joined_at, member.user_id), default=None)
    return first and replace(first, role=Role.OWNER)
