from application.ports.identity import IdentityWork
from domain.ids import INSTANCE, UserId, WorkspaceId


async def home_of(work: IdentityWork, user_id: UserId) -> WorkspaceId:
    """Where what concerns a user and no one workspace is told: their personal workspace, else the instance."""
    return await work.workspaces.personal_id(user_id) or INSTANCE
