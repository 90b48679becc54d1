from application.ports.conversations import ConversationViews
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import ConversationId, WorkspaceId


async def must_in(
    views: ConversationViews, caller: Caller, permission: Permission, conversation_id: ConversationId
) -> WorkspaceId:
    """The workspace of the conversation, when the caller has the permission there.

    Raises:
        NotFound: there is no such conversation, or the caller does not belong to its workspace.
        Forbidden: they do, but their role lacks the permission.
    """
    workspace_id = await views.workspace_of(conversation_id)
    if workspace_id is None:
        raise NotFound
    caller.must(permission, workspace_id)
    return workspace_id
