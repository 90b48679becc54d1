from application.ports.conversations import ConversationViews
from domain.access import Caller, Permission
from domain.conversations import Place
from domain.errors import NotFound
from domain.ids import ConversationId


async def must_in(
    views: ConversationViews, caller: Caller, permission: Permission, conversation_id: ConversationId
) -> Place:
    """Where the conversation belongs, when the caller may do this there.

    Raises:
        NotFound: there is no such conversation for the caller. Forbidden: as `Place.must_admit` says.
    """
    place = await views.place_of(conversation_id)
    if place is None:
        raise NotFound
    place.must_admit(caller, permission)
    return place
