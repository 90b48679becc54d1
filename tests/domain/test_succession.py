from datetime import UTC, datetime, timedelta

from domain.access import Role
from domain.ids import UserId, WorkspaceId, new_id
from domain.workspaces import Membership
from domain.workspaces.succession import heir_of

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
WORKSPACE = WorkspaceId(new_id(NOW))


def a_member(role: Role, days: int = 0) -> Membership:
    return Membership(
        workspace_id=WORKSPACE, user_id=UserId(new_id(NOW)), role=role, joined_at=NOW - timedelta(days=days)
    )


OWNER = a_member(Role.OWNER)


def test_the_admin_who_is_there_longest_becomes_the_owner() -> None:
    long, short = a_member(Role.ADMIN, 2), a_member(Role.ADMIN, 1)
    heir = heir_of([OWNER, a_member(Role.MEMBER, 9), short, long], OWNER.user_id)
    assert heir
    assert (heir.user_id, heir.role, heir.joined_at) == (long.user_id, Role.OWNER, long.joined_at)


def test_without_an_admin_it_is_a_member_and_then_a_viewer() -> None:
    member, viewer = a_member(Role.MEMBER, 1), a_member(Role.VIEWER, 5)
    for members, expected in (([OWNER, viewer, member], member), ([OWNER, viewer], viewer)):
        heir = heir_of(members, OWNER.user_id)
        assert heir
        assert heir.user_id == expected.user_id


def test_nobody_inherits_where_an_owner_stays_or_nobody_does_or_no_owner_goes() -> None:
    member = a_member(Role.MEMBER)
    assert heir_of([OWNER, a_member(Role.OWNER), member], OWNER.user_id) is None
    assert heir_of([OWNER], OWNER.user_id) is None
    assert heir_of([OWNER, member], member.user_id) is None
