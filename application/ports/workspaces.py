from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from application.ports.documents import Documents
from application.ports.jobs import Jobs
from application.ports.passages import Passages
from application.ports.pictures import picture_url
from application.ports.scheduling import MoneyView
from application.ports.unit_of_work import UnitOfWork
from domain.activity import Event
from domain.ids import ServiceId, UserId, WorkspaceId
from domain.scheduling import Service, ServiceFormat
from domain.workspaces import Assistant, BusinessType, Membership, Retention, Savings, Tone, Workspace, WorkspaceLimits


class Workspaces(Protocol):
    """The tenants."""

    async def add(self, workspace: Workspace, owner: UserId, because: Event) -> None:
        """Stores a new workspace with its owner as the first member.

        Raises:
            HandleTaken: another workspace has the handle.
            PersonalWorkspaceExists: it is personal, and the owner has such a one.
        """
        ...

    async def get(self, workspace_id: WorkspaceId) -> Workspace:
        """The workspace.

        Raises:
            NotFound: there is none.
        """
        ...

    async def personal_id(self, user_id: UserId) -> WorkspaceId | None:
        """Which workspace is the user's personal one; None while there is none."""
        ...

    async def save(self, workspace: Workspace, because: Event) -> Workspace:
        """Replaces the version that was read, and returns what is stored now, its version raised by one.

        Raises:
            EditConflict: it was changed or removed since it was read.
            HandleTaken: another workspace has the handle.
        """
        ...

    async def remove(self, workspace: Workspace, because: Event) -> None:
        """Removes the version that was read, with all that is in it; only activity, jobs and bytes of blobs stay.

        Raises:
            EditConflict: it was changed or removed since it was read, or is in use just now.
        """
        ...


class Members(Protocol):
    """Who belongs to which workspace.

    Whoever changes a membership first locks the workspace, so that of two changes the second sees the first.
    """

    async def lock(self, workspace_id: WorkspaceId) -> list[Membership]:
        """All memberships of the workspace, which nobody else changes until the unit ends.

        Raises:
            NotFound: there is no such workspace.
        """
        ...

    async def hold(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        """Nothing; the user belongs to the workspace until the unit ends: whoever would end that waits.

        In the order of locks it stands right behind the workspace.

        Raises:
            NotFound: the user does not belong to it.
        """
        ...

    async def of_user(self, user_id: UserId) -> list[Membership]:
        """The user's memberships, oldest first."""
        ...

    async def add(self, membership: Membership, because: Event) -> None:
        """Stores a new membership.

        Raises:
            AlreadyMember: the user belongs to the workspace.
        """
        ...

    async def save(self, membership: Membership, because: Event) -> None:
        """Replaces the stored one of this user and workspace."""
        ...

    async def remove(self, membership: Membership, because: Event) -> None:
        """The user does not belong to the workspace any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceView:
    """A workspace as its members see it."""

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
    knowledge_base: str
    image_url: str | None
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
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
            knowledge_base=workspace.knowledge_base,
            image_url=picture_url(workspace.image),
            version=workspace.version,
            created_at=workspace.created_at,
            updated_at=workspace.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicServiceView:
    """A service as visitors see it."""

    id: ServiceId
    name: str
    description: str
    format: ServiceFormat
    duration_minutes: int | None
    price_from: MoneyView | None
    position: int

    @classmethod
    def of(cls, service: Service) -> Self:
        """The view of what is offered."""
        return cls(
            id=service.id,
            name=service.name,
            description=service.description,
            format=service.format,
            duration_minutes=service.duration_minutes,
            price_from=MoneyView.of(service.price_from),
            position=service.position,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicWorkspaceView:
    """An active workspace as visitors see it, with its active services in order."""

    handle: str
    public_name: str
    subtitle: str
    description: str
    timezone: str
    greeting: str
    suggested_questions: tuple[str, ...]
    image_url: str | None
    services: Sequence[PublicServiceView]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPageView:
    """What the chat page of an active workspace is made from.

    Attributes:
        language: of its words, as a BCP 47 tag.
        embed_origins: which sites may frame it; any when empty.
    """

    handle: str
    public_name: str
    language: str
    embed_origins: tuple[str, ...]


class WorkspaceViews(Protocol):
    """Workspaces, to look at; one that is suspended is not active."""

    async def workspace(self, workspace_id: WorkspaceId) -> WorkspaceView | None:
        """The workspace, or None."""
        ...

    async def personal_of(self, user_id: UserId) -> WorkspaceView | None:
        """The user's personal workspace, or None."""
        ...

    async def public(self, handle: str) -> PublicWorkspaceView | None:
        """What visitors see of the active workspace with this handle, or None; any text is a valid question."""
        ...

    async def chat_page(self, handle: str) -> ChatPageView | None:
        """The chat page of the active workspace with this handle, or None; any text is a valid question."""
        ...

    async def id_of(self, handle: str) -> WorkspaceId | None:
        """The id of the active workspace with this handle, or None; any text is a valid question."""
        ...

    async def active(self, workspace_id: WorkspaceId) -> bool:
        """Whether there is such a workspace, and it is active."""
        ...


class WorkspacesWork(UnitOfWork, Protocol):
    """What use cases of workspaces touch."""

    workspaces: Workspaces
    documents: Documents
    passages: Passages
    jobs: Jobs
