from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime
from typing import ClassVar, Self

from domain.access import Role, access_topic
from domain.activity import Event
from domain.actors import Actor, Subject
from domain.ids import InviteId, UserId, WorkspaceId
from domain.json import JsonValue, json_of
from domain.workspaces.handle import Handle
from domain.workspaces.invites import Invite
from domain.workspaces.membership import Membership
from domain.workspaces.workspace import KNOWLEDGE_BASE, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceEvent(Event):
    """Something happened to the workspace itself."""

    @property
    def subject(self) -> Subject:
        return Subject("workspace", self.workspace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceCreated(WorkspaceEvent):
    """A workspace began."""

    type: ClassVar[str] = "workspace.created"
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceEdited(WorkspaceEvent):
    """Some of its fields, named here, changed.

    Attributes:
        before: what they were; of the knowledge base, which may be large and hold anything, only its size in bytes.
        after: what they are, alike.
    """

    type: ClassVar[str] = "workspace.edited"
    fields: tuple[str, ...]
    before: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    after: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @classmethod
    def of(cls, before: Workspace, after: Workspace, fields: Collection[str], *, by: Actor) -> Self:
        """What `by` did when they changed `fields`."""
        names = tuple(sorted(fields))
        return cls(
            workspace_id=after.id,
            actor=by,
            at=after.updated_at,
            fields=names,
            before=_told(before, names),
            after=_told(after, names),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceTransferred(WorkspaceEvent):
    """One owner, `before`, made another member, `after`, an owner and stayed as an admin."""

    type: ClassVar[str] = "workspace.transferred"
    before: UserId
    after: UserId

    @property
    def topics(self) -> tuple[str, ...]:
        return access_topic(self.before), access_topic(self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceDeleted(WorkspaceEvent):
    """Nothing is left of it but what happened, and its jobs; `members` belonged to it."""

    type: ClassVar[str] = "workspace.deleted"
    handle: str
    members: tuple[UserId, ...]

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(access_topic(user_id) for user_id in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEvent(Event):
    """Something happened to what a user is in the workspace."""

    user_id: UserId

    @property
    def subject(self) -> Subject:
        return Subject("member", self.user_id)

    @property
    def topics(self) -> tuple[str, ...]:
        return (access_topic(self.user_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(MemberEvent):
    """A user belongs to the workspace from now on."""

    type: ClassVar[str] = "member.joined"
    role: Role
    invite_id: InviteId


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRoleChanged(MemberEvent):
    """A member has another role."""

    type: ClassVar[str] = "member.role_changed"
    before: Role
    after: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberGone(MemberEvent):
    """A user, who had this role, does not belong to the workspace any more."""

    role: Role

    @classmethod
    def of(cls, member: Membership, *, by: Actor, at: datetime) -> Self:
        """What `by` did when the membership ended."""
        return cls(workspace_id=member.workspace_id, actor=by, at=at, user_id=member.user_id, role=member.role)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(MemberGone):
    """Somebody removed them."""

    type: ClassVar[str] = "member.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(MemberGone):
    """They left."""

    type: ClassVar[str] = "member.left"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteEvent(Event):
    """Something happened to an invite; the address it was sent to is not told."""

    invite_id: InviteId
    role: Role

    @classmethod
    def of(cls, invite: Invite, *, by: Actor, at: datetime) -> Self:
        """What `by` did with the invite."""
        return cls(workspace_id=invite.workspace_id, actor=by, at=at, invite_id=invite.id, role=invite.role)

    @property
    def subject(self) -> Subject:
        return Subject("invite", self.invite_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteCreated(InviteEvent):
    """Somebody is invited."""

    type: ClassVar[str] = "invite.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteResent(InviteEvent):
    """It was sent again, with another link; the one before is dead."""

    type: ClassVar[str] = "invite.resent"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteRevoked(InviteEvent):
    """Nobody can use it any more."""

    type: ClassVar[str] = "invite.revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteAccepted(InviteEvent):
    """Whoever it was sent to joined."""

    type: ClassVar[str] = "invite.accepted"


def _told(workspace: Workspace, names: Iterable[str]) -> Mapping[str, JsonValue]:
    return {name: _value(getattr(workspace, name)) for name in names if name != KNOWLEDGE_BASE} | (
        {"knowledge_base_bytes": len(workspace.knowledge_base.encode())} if KNOWLEDGE_BASE in names else {}
    )


def _value(value: object) -> JsonValue:
    if isinstance(value, Handle):
        return str(value)
    return json_of(asdict(value) if is_dataclass(value) and not isinstance(value, type) else value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionEvent(Event):
    """Something that an administrator of the instance did to a workspace; told to both."""

    suspended_id: WorkspaceId

    @property
    def subject(self) -> Subject:
        return Subject("workspace", self.suspended_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSuspended(SuspensionEvent):
    """It can only be read from now on, and talks to nobody."""

    type: ClassVar[str] = "workspace.suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRestored(SuspensionEvent):
    """It goes on as before."""

    type: ClassVar[str] = "workspace.restored"
