from uuid import uuid4

import pytest

from domain.access import PERMISSIONS, Caller, Permission, Role
from domain.actors import SYSTEM
from domain.errors import Forbidden, NotFound
from domain.ids import ConversationId, WorkspaceId

MINE, THEIRS = WorkspaceId(uuid4()), WorkspaceId(uuid4())


def caller(role: Role) -> Caller:
    return Caller(actor=SYSTEM, roles={MINE: role})


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says(role: Role, permission: Permission) -> None:
    if permission in PERMISSIONS[role]:
        caller(role).must(permission, MINE)
    else:
        with pytest.raises(Forbidden, match=f"'{role}' lacks the permission '{permission}'"):
            caller(role).must(permission, MINE)


def test_everybody_in_a_workspace_may_read_and_each_role_may_what_the_one_below_may() -> None:
    viewer, member, admin, owner = (PERMISSIONS[role] for role in (Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER))
    readable = {permission for permission in Permission if permission.endswith(":read")}
    assert viewer == readable - {Permission.WEBHOOK_READ}
    assert viewer < member < admin <= owner == set(Permission)


@pytest.mark.parametrize("role", Role)
def test_another_tenants_workspace_is_not_found(role: Role) -> None:
    with pytest.raises(NotFound):
        caller(role).must(Permission.WORKSPACE_READ, THEIRS)


def test_a_visitor_may_visit_their_own_conversation_only() -> None:
    own = ConversationId(uuid4())
    visitor = Caller(actor=SYSTEM, conversation_id=own)
    visitor.must_visit(own)
    with pytest.raises(NotFound):
        visitor.must_visit(ConversationId(uuid4()))
    with pytest.raises(NotFound):
        caller(Role.OWNER).must_visit(own)
