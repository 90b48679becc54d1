from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from application.memories.audit_memories import AuditMemories, MemoryAudit
from application.memories.read_profile import ReadProfile
from application.ports.memory_profiles import MemoryProfileView
from domain.access import Caller, Permission
from domain.ids import WorkspaceId


@get("/workspaces/{workspace_id:uuid}/memories/audit", opt={"permission": Permission.MEMORY_READ})
async def get_memory_audit(
    caller: NamedDependency[Caller], workspace_id: FromPath[UUID], audit_memories: NamedDependency[AuditMemories]
) -> MemoryAudit:
    """What you may want to tidy up among your memories; nothing is changed.

    `duplicates` say nearly what an earlier one says. `echoes` come of a conversation, and have no other words than
    an earlier one. `never_recalled` are older than 30 days, and `expiring` will be over within 7.
    """
    return await audit_memories(caller, WorkspaceId(workspace_id))


@get("/workspaces/{workspace_id:uuid}/memories/profile", opt={"permission": Permission.MEMORY_READ})
async def get_memory_profile(
    caller: NamedDependency[Caller], workspace_id: FromPath[UUID], read_profile: NamedDependency[ReadProfile]
) -> MemoryProfileView:
    """What your companion knows of you before anything is asked, in at most 1,200 characters.

    `stable` is what you are and like, `recent` what you have said in the last 14 days. It follows your memories within
    seconds; what you delete is not in it from that moment on.
    """
    return await read_profile(caller, WorkspaceId(workspace_id))


ROUTES = (get_memory_audit, get_memory_profile)
