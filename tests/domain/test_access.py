from uuid import uuid4

import pytest

from domain.access import ACCOUNT, ADMINISTRATION, HOLDERS, PERMISSIONS, Caller, Grant, Permission, Role
from domain.actors import SYSTEM, Actor, ActorType
from domain.errors import Forbidden, NotFound
from domain.ids import ConversationId, WorkspaceId

MINE, THEIRS = WorkspaceId(uuid4()), WorkspaceId(uuid4())


def caller(role: Role) -> Caller:
    return Caller(actor=SYSTEM, grants={MINE: Grant.of(role)})


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says(role: Role, permission: Permission) -> None:
    if permission in PERMISSIONS[role]:
        caller(role).must(permission, MINE)
    else:
        with pytest.raises(Forbidden, match=f"'{role}' lacks the permission '{permission}'"):
            caller(role).must(permission, MINE)


def test_each_role_may_what_the_one_below_may() -> None:
    viewer, member, admin, owner = (PERMISSIONS[role] for role in (Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER))
    assert viewer < member < admin < owner


def test_a_viewer_changes_nothing_and_sees_no_address_that_may_hold_a_secret() -> None:
    viewer = PERMISSIONS[Role.VIEWER]
    assert all(permission.endswith(":read") for permission in viewer)
    assert not viewer & {Permission.WEBHOOK_READ, Permission.KEY_READ, Permission.AUDIT_READ}


def test_every_permission_is_somebodys_and_no_workspace_opens_an_account_or_the_instance() -> None:
    assert set(HOLDERS) == set(Permission)
    assert all(HOLDERS.values())
    assert not PERMISSIONS[Role.OWNER] & ADMINISTRATION
    assert ACCOUNT < ADMINISTRATION


@pytest.mark.parametrize("role", Role)
def test_a_key_opens_what_it_was_given_as_far_as_its_users_role_goes(role: Role) -> None:
    given = frozenset({Permission.SERVICE_READ, Permission.MEMBER_WRITE, Permission.ACCOUNT_WRITE})
    grant = Grant.of(role, given)
    assert grant.permissions == given & PERMISSIONS[role]
    with pytest.raises(Forbidden, match="This key lacks the permission 'workspace:read'"):
        grant.must(Permission.WORKSPACE_READ)


def test_a_key_without_a_right_of_its_users_role_is_told_that_the_role_lacks_it() -> None:
    with pytest.raises(Forbidden, match="Your role 'viewer' lacks"):
        Grant.of(Role.VIEWER, frozenset[Permission]()).must(Permission.SERVICE_WRITE)


@pytest.mark.parametrize("role", Role)
def test_a_suspended_workspace_can_be_read_and_not_changed(role: Role) -> None:
    grant = Grant.of(role, suspended=True)
    assert grant.permissions == {each for each in PERMISSIONS[role] if each.endswith(":read")}
    grant.must(Permission.WORKSPACE_READ)
    match = "suspended" if Permission.SERVICE_WRITE in PERMISSIONS[role] else "lacks the permission"
    with pytest.raises(Forbidden, match=match):
        grant.must(Permission.SERVICE_WRITE)


def test_only_users_have_an_account() -> None:
    user = Actor(ActorType.USER, uuid4(), "Ada")
    assert Caller(actor=user, own=ACCOUNT).must_themselves(Permission.ACCOUNT_READ) == user.id
    with pytest.raises(Forbidden, match="You lack the permission 'instance:read'"):
        Caller(actor=user, own=ACCOUNT).must_themselves(Permission.INSTANCE_READ)
    with pytest.raises(NotFound):
        Caller(actor=SYSTEM, own=ACCOUNT).must_themselves(Permission.ACCOUNT_READ)


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
