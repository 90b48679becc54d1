from collections.abc import Sequence

from application.ports.members import MemberView, MemberViews
from domain.access import PERMISSIONS, Role
from domain.ids import UserId, WorkspaceId
from domain.permissions import Permission

MOST = 20
_PAGE = 100
_RANKS = list(Role)


async def addressees(views: MemberViews, workspace_id: WorkspaceId, permission: Permission) -> Sequence[UserId]:
    """Up to `MOST` members who may do so and have an address: the most trusted first, then who joined first."""
    found: list[MemberView] = []
    cursor: str | None = None
    while True:
        page = await views.members(workspace_id, cursor, _PAGE)
        found += [each for each in page.items if each.email is not None and permission in PERMISSIONS[each.role]]
        cursor = page.next_cursor
        if cursor is None:
            break
    found.sort(key=lambda member: (_RANKS.index(member.role), member.joined_at, member.user_id))
    return [member.user_id for member in found[:MOST]]
