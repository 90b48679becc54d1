"""Callers, and what their credentials open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Self

from domain.actors import Actor, ActorType
from domain.errors import Forbidden, NotFound
from domain.ids import ConversationId, CredentialId, UserId, WorkspaceId
from domain.permissions import HOLDERS, KEY_PERMISSIONS, Holder, Permission, permissions_of


class Role(StrEnum):
    """What a user is in a workspace, the most trusted first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {role: permissions_of(Holder(role)) for role in Role}
ACCOUNT = permissions_of(Holder.USER)
"""What a user may do outside of workspaces."""
ADMINISTRATION = permissions_of(Holder.ADMINISTRATOR)
"""What an administrator of the instance may do outside of workspaces."""
_VISIT = permissions_of(Holder.VISITOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a caller may do in a workspace.

    Attributes:
        role: that of the user who calls, or whose key it is.
        by_key: whether a key narrows it.
        suspended: whether an administrator of the instance has stopped the workspace, which can then only be read.
    """

    role: Role
    permissions: frozenset[Permission]
    by_key: bool = False
    suspended: bool = False

    @classmethod
    @lru_cache(1024)
    def of(cls, role: Role, key: frozenset[Permission] | None = None, *, suspended: bool = False) -> Self:
        """What the role may, as far as the key's permissions go; a key of None is none."""
        permissions = PERMISSIONS[role] if key is None else PERMISSIONS[role] & key & KEY_PERMISSIONS
        if suspended:
            permissions = frozenset(each for each in permissions if each.endswith(":read"))
        return cls(role=role, permissions=permissions, by_key=key is not None, suspended=suspended)

    def must(self, permission: Permission) -> None:
        """Nothing, when it is granted.

        Raises:
            Forbidden: it is not; the sentence says what is missing.
        """
        if permission in self.permissions:
            return
        if self.suspended and permission in PERMISSIONS[self.role]:
            raise Forbidden("This workspace is suspended: it can be read, not changed. Ask who runs this instance.")
        if self.by_key and permission in PERMISSIONS[self.role]:
            raise Forbidden(f"This key lacks the permission '{permission}'.")
        raise Forbidden(f"Your role '{self.role}' lacks the permission '{permission}'.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An actor whose credentials were verified, and what these open.

    Attributes:
        grants: what they may do in each workspace they belong to.
        own: what they may do outside of workspaces, for themselves or as an administrator of the instance.
        credential_id: of the key or session they call with; None with another issuer's token.
        by_key: whether it is a key, which may open less than its user does.
        conversation_id: the one conversation a visitor may use; None for everyone else.
        may_speak: False for a visitor whose workspace is not active: they may read and erase what was said.
    """

    actor: Actor
    grants: Mapping[WorkspaceId, Grant] = field(default_factory=dict[WorkspaceId, Grant])
    own: frozenset[Permission] = frozenset()
    credential_id: CredentialId | None = None
    by_key: bool = False
    conversation_id: ConversationId | None = None
    may_speak: bool = True

    def must(self, permission: Permission, workspace_id: WorkspaceId) -> None:
        """Nothing, when the caller has the permission there.

        Raises:
            NotFound: the caller does not belong to the workspace, and so may not know of it.
            Forbidden: they do, but their role or their key lacks the permission.
        """
        grant = self.grants.get(workspace_id)
        if grant is None:
            raise NotFound
        grant.must(permission)

    def must_themselves(self, permission: Permission) -> UserId:
        """The caller's user, when they have the permission outside of workspaces.

        Raises:
            NotFound: the caller is no user.
            Forbidden: they are, but they or their key lack the permission.
        """
        if self.actor.type is not ActorType.USER:
            raise NotFound
        if permission not in self.own:
            raise Forbidden(f"You lack the permission '{permission}'.")
        return UserId(self.actor.id)

    def still_may(self, before: Self) -> bool:
        """Whether they may do in each workspace what they could as the caller they were before."""
        return all(
            at in self.grants and grant.permissions <= self.grants[at].permissions
            for at, grant in before.grants.items()
        )

    def must_visit(self, conversation_id: ConversationId, permission: Permission = Permission.VISIT_READ) -> None:
        """Nothing, when this is the visitor's own conversation.

        Raises:
            NotFound: it is not.
        """
        if self.conversation_id != conversation_id or permission not in _VISIT:
            raise NotFound

    def must_speak_in(self, conversation_id: ConversationId) -> None:
        """Nothing, when this is the visitor's own conversation, and its workspace is active.

        Raises:
            NotFound: it is not.
        """
        self.must_visit(conversation_id, Permission.VISIT_WRITE)
        if not self.may_speak:
            raise NotFound


def access_topic(user_id: UserId) -> str:
    """What rings when the user may no longer do what they could."""
    return f"access:{user_id}"


__all__ = [
    "ACCOUNT",
    "ADMINISTRATION",
    "HOLDERS",
    "PERMISSIONS",
    "Caller",
    "Grant",
    "Permission",
    "Role",
    "access_topic",
]
