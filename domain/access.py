"""Who may do what: one table, asked by the use cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.actors import Actor
from domain.errors import Forbidden, NotFound
from domain.ids import ConversationId, WorkspaceId


class Role(StrEnum):
    """What a user is in a workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Permission(StrEnum):
    """`<noun>:read` or `<noun>:write`."""

    WORKSPACE_READ = "workspace:read"
    WORKSPACE_WRITE = "workspace:write"
    SERVICE_READ = "service:read"
    SERVICE_WRITE = "service:write"
    CONNECTOR_READ = "connector:read"
    CONNECTOR_WRITE = "connector:write"
    CONVERSATION_READ = "conversation:read"
    CONVERSATION_WRITE = "conversation:write"
    INBOUND_WRITE = "inbound:write"
    JOB_READ = "job:read"
    JOB_WRITE = "job:write"
    ACTIVITY_READ = "activity:read"
    USAGE_READ = "usage:read"
    WEBHOOK_READ = "webhook:read"
    WEBHOOK_WRITE = "webhook:write"


# Where messages are sent may hold a secret in its address: not for those who only read or work.
_READ = frozenset(each for each in Permission if each.endswith(":read")) - {Permission.WEBHOOK_READ}
_WORK = _READ | {Permission.SERVICE_WRITE, Permission.CONVERSATION_WRITE, Permission.JOB_WRITE}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.MEMBER: frozenset(_WORK),
    Role.VIEWER: _READ,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An actor whose credentials were verified, and what these open.

    Attributes:
        roles: the caller's role in each workspace they belong to.
        conversation_id: the one conversation a visitor may use; None for everyone else.
        may_speak: False for a visitor whose workspace is not active: they may read and erase what was said.
    """

    actor: Actor
    roles: Mapping[WorkspaceId, Role] = field(default_factory=dict[WorkspaceId, Role])
    conversation_id: ConversationId | None = None
    may_speak: bool = True

    def must(self, permission: Permission, workspace_id: WorkspaceId) -> None:
        """Nothing, when the caller has the permission there.

        Raises:
            NotFound: the caller does not belong to the workspace, and so may not know of it.
            Forbidden: they do, but their role lacks the permission.
        """
        role = self.roles.get(workspace_id)
        if role is None:
            raise NotFound
        if permission not in PERMISSIONS[role]:
            raise Forbidden(f"Your role '{role}' lacks the permission '{permission}'.")

    def must_visit(self, conversation_id: ConversationId) -> None:
        """Nothing, when this is the visitor's own conversation.

        Raises:
            NotFound: it is not.
        """
        if self.conversation_id != conversation_id:
            raise NotFound

    def must_speak_in(self, conversation_id: ConversationId) -> None:
        """Nothing, when this is the visitor's own conversation, and its workspace is active.

        Raises:
            NotFound: it is not.
        """
        self.must_visit(conversation_id)
        if not self.may_speak:
            raise NotFound
