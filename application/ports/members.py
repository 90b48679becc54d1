from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from application.ports.blobs import Blobs
from application.ports.conversations import Conversations
from application.ports.documents import Documents
from application.ports.identity import IdentityWork
from application.ports.memories import Memories
from application.ports.pictures import picture_url
from domain.access import Role
from domain.identity import User
from domain.ids import UserId, WorkspaceId
from domain.pages import Page
from domain.workspaces import (
    Assistant,
    BusinessType,
    Membership,
    Retention,
    Savings,
    Tone,
    Workspace,
    WorkspaceLimits,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """Who a member is; `email` is None for those who do not manage members."""

    user_id: UserId
    name: str
    email: str | None
    role: Role
    joined_at: datetime

    @classmethod
    def of(cls, member: Membership, user: User) -> Self:
        """The view of what was just written or read."""
        return cls(user_id=user.id, name=user.name, email=user.email, role=member.role, joined_at=member.joined_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedWorkspaceView:
    """A workspace in the list of a user's: without its knowledge base, with what they are in it, and since when."""

    id: WorkspaceId
    handle: str
    name: str
    personal: bool
    business_type: BusinessType
    tone: Tone
    timezone: str
    language: str
    public_name: str
    subtitle: str
    description: str
    active: bool
    embed_origins: tuple[str, ...]
    assistant: Assistant
    limits: WorkspaceLimits
    retention: Retention
    savings: Savings
    version: int
    created_at: datetime
    updated_at: datetime
    image_url: str | None
    role: Role
    joined_at: datetime

    @classmethod
    def of(cls, workspace: Workspace, member: Membership) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=workspace.id,
            handle=str(workspace.handle),
            name=workspace.name,
            personal=workspace.personal,
            business_type=workspace.business_type,
            tone=workspace.tone,
            timezone=workspace.timezone,
            language=workspace.language,
            public_name=workspace.public_name,
            subtitle=workspace.subtitle,
            description=workspace.description,
            active=workspace.active,
            embed_origins=workspace.embed_origins,
            assistant=workspace.assistant,
            limits=workspace.limits,
            retention=workspace.retention,
            savings=workspace.savings,
            version=workspace.version,
            created_at=workspace.created_at,
            updated_at=workspace.updated_at,
            image_url=picture_url(workspace.image),
            role=member.role,
            joined_at=member.joined_at,
        )


class MemberViews(Protocol):
    """Who belongs where, to look at."""

    async def members(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[MemberView]:
        """The workspace's members with their e-mails, who joined last first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def workspaces(
        self, user_id: UserId, among: Collection[WorkspaceId], cursor: str | None, limit: int
    ) -> Page[JoinedWorkspaceView]:
        """Those of the workspaces that the user belongs to, who they joined last first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...


class MembersWork(IdentityWork, Protocol):
    """What use cases of members touch."""

    conversations: Conversations
    documents: Documents
    memories: Memories
    blobs: Blobs
