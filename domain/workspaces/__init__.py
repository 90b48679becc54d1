"""Workspaces: the tenant of everything, with the business its assistant speaks for."""

from domain.workspaces.events import WorkspaceCreated, WorkspaceEdited, WorkspaceEvent
from domain.workspaces.handle import HANDLE_LENGTHS, HANDLE_PATTERN, RESERVED_HANDLES, Handle, HandleTaken
from domain.workspaces.savings import Savings, SavingsChanges
from domain.workspaces.workspace import (
    KNOWLEDGE_BASE,
    KNOWLEDGE_BASE_BYTES,
    Assistant,
    AssistantChanges,
    BusinessType,
    LimitsChanges,
    PersonalWorkspaceExists,
    Retention,
    RetentionChanges,
    Tone,
    Workspace,
    WorkspaceChanges,
    WorkspaceInactive,
    WorkspaceLimits,
    check_timezone,
)

__all__ = [
    "HANDLE_LENGTHS",
    "HANDLE_PATTERN",
    "KNOWLEDGE_BASE",
    "KNOWLEDGE_BASE_BYTES",
    "RESERVED_HANDLES",
    "Assistant",
    "AssistantChanges",
    "BusinessType",
    "Handle",
    "HandleTaken",
    "LimitsChanges",
    "PersonalWorkspaceExists",
    "Retention",
    "RetentionChanges",
    "Savings",
    "SavingsChanges",
    "Tone",
    "Workspace",
    "WorkspaceChanges",
    "WorkspaceCreated",
    "WorkspaceEdited",
    "WorkspaceEvent",
    "WorkspaceInactive",
    "WorkspaceLimits",
    "check_timezone",
]
