import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Self
from uuid import UUID

from domain.access import Role
from domain.errors import Conflict, Forbidden, Gone, Limited
from domain.ids import InviteId, UserId, WorkspaceId, new_id

INVITE_LIFE = timedelta(days=7)
MOST_INVITES = 100
"""How many of a workspace may be pending at once."""
_RESEND_AFTER = timedelta(minutes=1)
_TOKEN = re.compile(r"fd_invite_(?P<id>[0-9a-f]{32})_(?P<secret>[\w-]{1,200})", re.ASCII)


class AlreadyInvited(Conflict):
    """An invite to the same address is pending."""

    code = "already_invited"
    detail = "They are invited already. Resend or revoke that invite."


class TooManyInvites(Conflict):
    """No more invites may be pending."""

    code = "too_many_invites"
    detail = f"A workspace has at most {MOST_INVITES} pending invites. Revoke some."


class InviteExpired(Gone):
    """The invite was used or revoked, its time is over, or another link replaced this one."""

    code = "invite_expired"
    detail = "This invite is not valid any more. Ask for a new one."


class OtherEmail(Forbidden):
    """The invite was sent to another address than the user's."""

    code = "other_email"
    detail = "This invite was sent to another address. Sign in as whoever it was sent to."


class ResentTooSoon(Limited):
    """The invite was sent a moment ago."""

    code = "resent_too_soon"
    detail = "It was sent less than a minute ago."


@dataclass(frozen=True, slots=True)
class InviteToken:
    """The secret half of an invite: `fd_invite_<id>_<secret>`, mailed once and never stored; it is no bearer's."""

    id: InviteId
    secret: str = field(repr=False)

    @classmethod
    def new(cls, invite_id: InviteId) -> Self:
        """A token nobody has seen, with 256 random bits."""
        return cls(invite_id, secrets.token_urlsafe(32))

    def reveal(self) -> str:
        """The text in the mailed link."""
        return f"fd_invite_{self.id.hex}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """SHA-256 of the secret."""
        return sha256(self.secret.encode()).digest()

    @classmethod
    def parse(cls, revealed: str) -> Self:
        """The token.

        Raises:
            InviteExpired: it is none, which tells no more than a wrong one does.
        """
        found = _TOKEN.fullmatch(revealed.strip())
        if found is None:
            raise InviteExpired
        return cls(InviteId(UUID(hex=found["id"])), found["secret"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Somebody may join a workspace, if the address is theirs.

    Attributes:
        email: lower case; None once the invite is settled, as nobody needs it any more.
        digest: of the secret in the link that was sent last, the only one that counts.
        sent_at: when that was.
    """

    id: InviteId
    workspace_id: WorkspaceId
    email: str | None
    role: Role
    digest: bytes = field(repr=False)
    invited_by: UserId
    created_at: datetime
    expires_at: datetime
    sent_at: datetime
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None

    @classmethod
    def new(
        cls, workspace_id: WorkspaceId, email: str, role: Role, invited_by: UserId, at: datetime
    ) -> tuple[Self, InviteToken]:
        """An invite, and the token to be mailed to `email`."""
        token = InviteToken.new(InviteId(new_id(at)))
        invite = cls(
            id=token.id,
            workspace_id=workspace_id,
            email=email.lower(),
            role=role,
            digest=token.digest,
            invited_by=invited_by,
            created_at=at,
            expires_at=at + INVITE_LIFE,
            sent_at=at,
        )
        return invite, token

    @property
    def pending(self) -> bool:
        """Whether it is neither accepted nor revoked; its time may be over."""
        return self.accepted_at is None and self.revoked_at is None

    def holds(self, at: datetime) -> bool:
        """Whether it can be accepted."""
        return self.pending and self.expires_at > at

    def must_open(self, token: InviteToken, at: datetime) -> None:
        """Nothing, when `token` is this invite's and it holds at `at`; compares in constant time.

        Raises:
            InviteExpired: it is not, or does not.
        """
        if not (hmac.compare_digest(self.digest, token.digest) and self.holds(at)):
            raise InviteExpired

    def accepted(self, email: str | None, at: datetime) -> Self:
        """The invite, used by a user with this verified address.

        Raises:
            InviteExpired: it cannot be used any more. OtherEmail: it was sent to another address.
        """
        if not self.holds(at):
            raise InviteExpired
        if email is None or email.lower() != self.email:
            raise OtherEmail
        return replace(self, email=None, accepted_at=at)

    def revoked(self, at: datetime) -> Self:
        """The invite, of no use any more.

        Raises:
            InviteExpired: it was accepted or revoked before.
        """
        if not self.pending:
            raise InviteExpired
        return replace(self, email=None, revoked_at=at)

    def resent(self, at: datetime) -> tuple[Self, InviteToken]:
        """The invite with another secret, valid as long as a new one; the link that was sent before is dead.

        Raises:
            InviteExpired: it was accepted or revoked. ResentTooSoon: it was sent less than a minute before.
        """
        if not self.pending:
            raise InviteExpired
        wait = self.sent_at + _RESEND_AFTER - at
        if wait > timedelta():
            raise ResentTooSoon(retry_after=ceil(wait.total_seconds()))
        token = InviteToken.new(self.id)
        return replace(self, digest=token.digest, sent_at=at, expires_at=at + INVITE_LIFE), token


def make_room(pending: Sequence[Invite], email: str, at: datetime) -> list[Invite]:
    """The invites that have to be revoked, as they are then, before another one to `email` is sent.

    Raises:
        AlreadyInvited: one to this address still holds. TooManyInvites: too many hold.
    """
    if any(invite.email == email and invite.holds(at) for invite in pending):
        raise AlreadyInvited
    if sum(invite.holds(at) for invite in pending) >= MOST_INVITES:
        raise TooManyInvites
    # Those whose time is over go with it, so that neither their number nor the addresses in them grow.
    return [invite.revoked(at) for invite in pending if not invite.holds(at)]
