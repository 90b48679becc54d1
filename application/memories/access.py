"""Who may see a memory, and who may change it."""

from datetime import datetime
from typing import TypeVar

from application.ports.memories import MemoryView
from domain.access import Caller, Permission
from domain.errors import Forbidden, NotFound
from domain.memories import RESTORABLE, Memory

_ITS_OWNERS = "Only its owner may change a memory, or see what it was."

Seen = TypeVar("Seen", Memory, MemoryView)


def seen(caller: Caller, memory: Seen | None, at: datetime, permission: Permission = Permission.MEMORY_READ) -> Seen:
    """The memory, when the caller may see it: their own, or one that is shared with them and not deleted.

    Raises:
        NotFound: they may not know of it, or it has been deleted for longer than it can be restored.
        Forbidden: they lack the permission.
    """
    if memory is None or memory.workspace_id not in caller.grants:
        raise NotFound
    if memory.owner_id != caller.actor.id and (not memory.shared or memory.deleted_at is not None):
        raise NotFound
    if memory.deleted_at is not None and memory.deleted_at + RESTORABLE <= at:
        raise NotFound
    caller.must(permission, memory.workspace_id)
    return memory


def withdrawable(caller: Caller, memory: Seen | None, at: datetime, permission: Permission) -> Seen:
    """The memory, when the caller may take it from others: it is their own, or shared where they manage members.

    Raises:
        NotFound: they may not know of it. Forbidden: it is another's, or they lack the permission.
    """
    found = seen(caller, memory, at, permission)
    if (
        found.owner_id != caller.actor.id
        and Permission.MEMBER_WRITE not in caller.grants[found.workspace_id].permissions
    ):
        raise Forbidden(_ITS_OWNERS)
    return found


def own(caller: Caller, memory: Seen | None, at: datetime, permission: Permission) -> Seen:
    """The memory, when it is the caller's own.

    Raises:
        NotFound: they may not know of it. Forbidden: it is another's, or they lack the permission.
    """
    found = seen(caller, memory, at, permission)
    if found.owner_id != caller.actor.id:
        raise Forbidden(_ITS_OWNERS)
    return found
