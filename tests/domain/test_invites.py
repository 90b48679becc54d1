from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.access import Role
from domain.actors import SYSTEM
from domain.identity import Token
from domain.ids import UserId, WorkspaceId
from domain.workspaces import (
    INVITE_LIFE,
    MOST_INVITES,
    AlreadyInvited,
    Invite,
    InviteCreated,
    InviteExpired,
    InviteToken,
    OtherEmail,
    ResentTooSoon,
    TooManyInvites,
    make_room,
)

AT = datetime(2026, 11, 21, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERE = WorkspaceId(UUID(int=1))


def _invite(email: str = "Guest@Example.com") -> tuple[Invite, InviteToken]:
    return Invite.new(HERE, email, Role.MEMBER, UserId(UUID(int=2)), AT)


def test_a_token_is_read_as_it_was_revealed_and_is_no_bearers() -> None:
    invite, token = _invite()
    revealed = token.reveal()
    assert revealed.startswith(f"fd_invite_{invite.id.hex}_")
    assert InviteToken.parse(f" {revealed}\n") == token
    assert Token.parse(revealed) is None
    assert token.secret not in repr(token) + repr(invite)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fd_invite_nonsense",
        f"fd_key_{UUID(int=1).hex}_secret",
        f"fd_invite_{UUID(int=1).hex}_",
        f"fd_invite_{UUID(int=1)}_secret",
        f"fd_invite_{UUID(int=1).hex}_sécret",
        f"xfd_invite_{UUID(int=1).hex}_secret",
        f"fd_invite_{UUID(int=1).hex}_{'s' * 201}",
        f"fd_invite_{UUID(int=1).hex}_\x00",
    ],
)
def test_any_other_text_is_an_invite_that_is_over(text: str) -> None:
    with pytest.raises(InviteExpired):
        InviteToken.parse(text)


def test_an_invite_opens_with_its_token_until_its_time_is_over() -> None:
    invite, token = _invite()
    last = AT + INVITE_LIFE - timedelta(microseconds=1)
    invite.must_open(token, AT)
    invite.must_open(token, last)
    for wrong, at in ((token, AT + INVITE_LIFE), (InviteToken.new(invite.id), AT)):
        with pytest.raises(InviteExpired):
            invite.must_open(wrong, at)


def test_an_invite_is_accepted_once_by_whoever_has_the_address_and_then_forgets_it() -> None:
    invite, token = _invite()
    accepted = invite.accepted("GUEST@example.com", AT)
    assert (accepted.accepted_at, accepted.email, accepted.pending) == (AT, None, False)
    for email in ("other@example.com", None):
        with pytest.raises(OtherEmail) as caught:
            invite.accepted(email, AT)
        assert "guest" not in str(caught.value)
    for over in (accepted, invite.revoked(AT)):
        with pytest.raises(InviteExpired):
            over.accepted("guest@example.com", AT)
        with pytest.raises(InviteExpired):
            over.must_open(token, AT)
    with pytest.raises(InviteExpired):
        invite.accepted("guest@example.com", AT + INVITE_LIFE)


def test_a_revoked_invite_forgets_the_address_and_cannot_be_revoked_or_sent_again() -> None:
    invite, _ = _invite()
    revoked = invite.revoked(AT)
    assert (revoked.revoked_at, revoked.email) == (AT, None)
    for over in (revoked, invite.accepted(invite.email, AT)):
        with pytest.raises(InviteExpired):
            over.revoked(AT)
        with pytest.raises(InviteExpired):
            over.resent(AT + MINUTE)


def test_an_invite_sent_again_has_another_link_and_lives_anew() -> None:
    invite, old = _invite()
    late = AT + 2 * INVITE_LIFE
    resent, token = invite.resent(late)
    assert (resent.id, resent.sent_at, resent.expires_at) == (invite.id, late, late + INVITE_LIFE)
    resent.must_open(token, late)
    with pytest.raises(InviteExpired):
        resent.must_open(old, late)


def test_an_invite_is_sent_at_most_once_a_minute() -> None:
    invite, _ = _invite()
    with pytest.raises(ResentTooSoon) as caught:
        invite.resent(AT + timedelta(seconds=10.5))
    assert caught.value.retry_after == 50
    resent, _ = invite.resent(AT + MINUTE)
    with pytest.raises(ResentTooSoon):
        resent.resent(AT + MINUTE)


def test_another_invite_to_the_same_address_has_no_room_while_one_holds() -> None:
    invite, _ = _invite()
    with pytest.raises(AlreadyInvited):
        make_room([invite], "guest@example.com", AT)
    assert make_room([invite], "other@example.com", AT) == []
    late = AT + INVITE_LIFE
    assert make_room([invite], "guest@example.com", late) == [invite.revoked(late)]


def test_a_workspace_has_a_bounded_number_of_invites_of_which_those_that_are_over_do_not_count() -> None:
    pending = [_invite(f"guest{number}@example.com")[0] for number in range(MOST_INVITES)]
    with pytest.raises(TooManyInvites):
        make_room(pending, "another@example.com", AT)
    over = replace(pending[0], expires_at=AT)
    assert make_room([over, *pending[1:]], "another@example.com", AT) == [over.revoked(AT)]


def test_what_is_told_of_an_invite_names_nobody() -> None:
    invite, _ = _invite()
    created = InviteCreated.of(invite, by=SYSTEM, at=AT)
    assert created.data == {"invite_id": str(invite.id), "role": "member"}
    assert (created.subject.type, created.subject.id, created.workspace_id) == ("invite", invite.id, HERE)
