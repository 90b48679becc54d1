from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.errors import Conflict, DomainError, Forbidden, NotFound
from domain.ids import UserId, WorkspaceId
from domain.permissions import Permission
from domain.workspaces import (
    MOST_WORKSPACES,
    Handle,
    LastOwner,
    Membership,
    PersonalWorkspace,
    Team,
    TooManyWorkspaces,
    Workspace,
    check_number,
)

AT = datetime(2026, 11, 21, tzinfo=UTC)
HERE = WorkspaceId(UUID(int=1))
OLGA, OTTO, ADA, MAX, VERA, EVE = (UserId(UUID(int=number)) for number in range(10, 16))
ROLES = {OLGA: Role.OWNER, OTTO: Role.OWNER, ADA: Role.ADMIN, MAX: Role.MEMBER, VERA: Role.VIEWER}


def _team(roles: dict[UserId, Role], host: UserId | None = None) -> Team:
    return Team(
        {user: Membership(workspace_id=HERE, user_id=user, role=role, joined_at=AT) for user, role in roles.items()},
        host,
    )


TEAM = _team(ROLES)
ALONE = _team({OLGA: Role.OWNER, ADA: Role.ADMIN, MAX: Role.MEMBER})
PERSONAL = _team(ROLES, OLGA)


@pytest.mark.parametrize("by", [OLGA, ADA])
@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
@pytest.mark.parametrize("user", [ADA, MAX, VERA])
def test_owners_and_admins_manage_who_is_no_owner(by: UserId, user: UserId, role: Role) -> None:
    assert TEAM.with_role(user, role, by) == replace(TEAM.member(user), role=role)
    assert TEAM.removed(user, by) == TEAM.member(user)


def test_only_owners_make_and_unmake_owners() -> None:
    assert TEAM.with_role(MAX, Role.OWNER, OLGA).role is Role.OWNER
    assert TEAM.with_role(OTTO, Role.VIEWER, OLGA).role is Role.VIEWER
    assert TEAM.removed(OTTO, OLGA) == TEAM.member(OTTO)
    for forbidden in (
        lambda: TEAM.with_role(MAX, Role.OWNER, ADA),
        lambda: TEAM.with_role(ADA, Role.OWNER, ADA),
        lambda: TEAM.with_role(OTTO, Role.VIEWER, ADA),
        lambda: TEAM.removed(OTTO, ADA),
        lambda: TEAM.must_give(Role.OWNER, ADA),
    ):
        with pytest.raises(Forbidden, match="Only owners"):
            forbidden()


@pytest.mark.parametrize("by", [MAX, VERA])
def test_who_does_not_manage_members_changes_nobody_and_not_themselves(by: UserId) -> None:
    for user, role in ((VERA, Role.VIEWER), (MAX, Role.ADMIN), (by, Role.ADMIN)):
        with pytest.raises(Forbidden):
            TEAM.with_role(user, role, by)
    with pytest.raises(Forbidden):
        TEAM.removed(VERA, by)


def test_who_does_not_belong_here_is_not_found_and_finds_nobody() -> None:
    for unknown in (
        lambda: TEAM.with_role(EVE, Role.VIEWER, OLGA),
        lambda: TEAM.with_role(MAX, Role.VIEWER, EVE),
        lambda: TEAM.removed(EVE, OLGA),
        lambda: TEAM.left(EVE),
        lambda: TEAM.transferred(EVE, OLGA),
        lambda: TEAM.must_give(Role.VIEWER, EVE),
    ):
        with pytest.raises(NotFound):
            unknown()


def test_the_last_owner_stays_one() -> None:
    refusals: list[Callable[[], Membership]] = [
        lambda: ALONE.with_role(OLGA, Role.ADMIN, OLGA),
        lambda: ALONE.removed(OLGA, OLGA),
        lambda: ALONE.left(OLGA),
    ]
    for refused in refusals:
        with pytest.raises(LastOwner):
            refused()
    assert ALONE.with_role(OLGA, Role.OWNER, OLGA) == ALONE.member(OLGA)
    assert ALONE.left(ADA) == ALONE.member(ADA)
    assert TEAM.left(OLGA) == TEAM.member(OLGA)


def test_an_owner_hands_over_and_stays_as_an_admin() -> None:
    heir, former = ALONE.transferred(MAX, OLGA)
    assert (heir.user_id, heir.role, former.user_id, former.role) == (MAX, Role.OWNER, OLGA, Role.ADMIN)
    ALONE.must_own(OLGA)
    for by in (ADA, MAX):
        with pytest.raises(Forbidden):
            ALONE.transferred(MAX, by)
    with pytest.raises(NotFound):
        ALONE.must_own(EVE)
    with pytest.raises(Conflict):
        ALONE.transferred(OLGA, OLGA)


def test_a_personal_workspace_stays_with_its_host_though_others_own_it_too() -> None:
    for refused in (
        lambda: PERSONAL.with_role(OLGA, Role.ADMIN, OTTO),
        lambda: PERSONAL.removed(OLGA, OTTO),
        lambda: PERSONAL.left(OLGA),
        lambda: PERSONAL.transferred(MAX, OLGA),
    ):
        with pytest.raises(PersonalWorkspace):
            refused()
    assert PERSONAL.left(OTTO) == PERSONAL.member(OTTO)
    host = Workspace.personal_of(OLGA, "Olga", Handle("olga"), AT)
    assert Team.of(host, TEAM.members.values()).host_id == OLGA
    assert Team.of(Workspace.shared("Studio", Handle("studio"), AT), TEAM.members.values()) == TEAM


def test_a_user_makes_no_more_workspaces_than_anybody_may_own() -> None:
    owned = [TEAM.member(OLGA)] * MOST_WORKSPACES
    check_number([*owned[1:], TEAM.member(ADA), TEAM.member(MAX)])
    with pytest.raises(TooManyWorkspaces):
        check_number(owned)


def test_a_caller_still_may_what_they_could_unless_a_permission_is_gone_anywhere() -> None:
    there = WorkspaceId(UUID(int=2))

    def caller(**roles: Role) -> Caller:
        places = {"here": HERE, "there": there}
        grants = {places[name]: Grant.of(role) for name, role in roles.items()}
        return Caller(actor=Actor(ActorType.USER, OLGA, "Olga"), grants=grants)

    before = caller(here=Role.MEMBER)
    for same in (before, caller(here=Role.ADMIN), caller(here=Role.MEMBER, there=Role.OWNER)):
        assert same.still_may(before)
    key = replace(before, grants={HERE: Grant.of(Role.MEMBER, frozenset({Permission.WORKSPACE_READ}))})
    suspended = replace(before, grants={HERE: Grant.of(Role.MEMBER, suspended=True)})
    for less in (caller(), caller(here=Role.VIEWER), caller(there=Role.OWNER), key, suspended):
        assert not less.still_may(before)


class TeamChanges(RuleBasedStateMachine):
    """Anybody does anything: whatever is allowed leaves an owner, and no admin has a say in who that is."""

    people = st.sampled_from(sorted([*ROLES, EVE]))

    def __init__(self) -> None:
        super().__init__()
        self.team = TEAM

    @initialize(personal=st.booleans())
    def begin(self, *, personal: bool) -> None:
        self.team = PERSONAL if personal else TEAM

    @rule(user=people, role=st.sampled_from(Role), by=people)
    def change(self, user: UserId, role: Role, by: UserId) -> None:
        with suppress(DomainError):
            self._keep(by, self.team.with_role(user, role, by))

    @rule(user=people, by=people)
    def remove(self, user: UserId, by: UserId) -> None:
        with suppress(DomainError):
            self._lose(by, self.team.removed(user, by))

    @rule(user=people)
    def leave(self, user: UserId) -> None:
        with suppress(DomainError):
            self._lose(user, self.team.left(user))

    @rule(to=people, by=people)
    def transfer(self, to: UserId, by: UserId) -> None:
        with suppress(DomainError):
            self._keep(by, *self.team.transferred(to, by))

    @rule(user=people, role=st.sampled_from(Role), by=people)
    def join(self, user: UserId, role: Role, by: UserId) -> None:
        with suppress(DomainError):
            self.team.must_give(role, by)
            if user not in self.team.members:
                self._keep(by, Membership(workspace_id=HERE, user_id=user, role=role, joined_at=AT))

    @invariant()
    def somebody_owns_it(self) -> None:
        assert self._owners(self.team)

    @invariant()
    def a_host_owns_it(self) -> None:
        assert self.team.host_id is None or self.team.host_id in self._owners(self.team)

    def _keep(self, by: UserId, *changed: Membership) -> None:
        self._become(by, {**self.team.members, **{member.user_id: member for member in changed}})

    def _lose(self, by: UserId, ended: Membership) -> None:
        self._become(by, {user: member for user, member in self.team.members.items() if user != ended.user_id})

    def _become(self, by: UserId, members: dict[UserId, Membership]) -> None:
        after = Team(members, self.team.host_id)
        if by not in self._owners(self.team):
            assert self._owners(after) == self._owners(self.team)
        self.team = after

    def _owners(self, team: Team) -> set[UserId]:
        return {user for user, member in team.members.items() if member.role is Role.OWNER}


TestTeamChanges = TeamChanges.TestCase
