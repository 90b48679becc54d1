from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from application.conversations.blank_message import BlankMessage
from application.conversations.edit_conversation import EditConversation
from application.conversations.hand_back import HandBack
from application.conversations.list_conversations import ListConversations
from application.conversations.post_as_member import PostAsMember
from application.conversations.post_message import PostedMessage
from application.conversations.rate_companion import RateCompanion
from application.conversations.rate_message import RateMessageCommand
from application.conversations.read_conversation import ReadConversation
from application.conversations.read_messages import ReadMessages
from application.conversations.remove_conversation import RemoveConversation
from application.conversations.start_companion import StartCompanion
from application.conversations.take_over import TakeOver
from application.ports.conversation_lists import ConversationFilters, ConversationPage, ConversationView
from application.ports.conversations import MessageView
from domain.access import Caller, Permission
from domain.conversations import Channel, ConversationKind, ConversationStatus, FeedbackValue, HandledBy, IfBusy
from domain.ids import ConversationId, MessageId, UserId, WorkspaceId
from domain.pages import Page
from entrypoints.http.changes import Body, given
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit, Since

READ = {"permission": Permission.CONVERSATION_READ}
WRITE = {"permission": Permission.CONVERSATION_WRITE}


class ConversationPatch(Body, frozen=True):
    """The fields to change; absent ones stay, null empties the tags."""

    status: ConversationStatus | UnsetType = UNSET
    tags: list[str] | UnsetType | None = UNSET


class NewCompanion(Body, frozen=True):
    """Nothing is to be said of it yet; `idempotency_key` does what the header does."""

    idempotency_key: str | None = None


class NewMemberMessage(Body, frozen=True):
    """What to tell the visitor, or one's own companion when idle; `idempotency_key` does what the header does."""

    content: str
    if_busy: IfBusy = IfBusy.QUEUE
    idempotency_key: str | None = None


class CompanionFeedback(Body, frozen=True):
    """What you think of a reply; `idempotency_key` does what the header does."""

    value: FeedbackValue
    note: str | None = None
    idempotency_key: str | None = None


@get("/workspaces/{workspace_id:uuid}/conversations", opt=READ)
async def get_conversations(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_conversations: NamedDependency[ListConversations],
    kind: FromQuery[ConversationKind | None] = None,
    status: FromQuery[ConversationStatus | None] = None,
    tag: Annotated[str | None, QueryParameter(max_length=50, description="One of their tags.")] = None,
    q: Annotated[
        str | None,
        QueryParameter(
            min_length=1, max_length=200, description="In the visitor's name or e-mail, or in any message, in any case."
        ),
    ] = None,
    channel: FromQuery[Channel | None] = None,
    handled_by: FromQuery[HandledBy | None] = None,
    waiting: Annotated[
        bool | None, QueryParameter(description="Whether a person was asked for who has not come yet.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ConversationPage:
    """Those with visitors, or, with `kind=companion`, the caller's own with their companion; the newest activity first.

    `counts` are of all open ones of that kind.
    """
    filters = ConversationFilters(
        user_id=UserId(caller.actor.id) if kind is ConversationKind.COMPANION else None,
        status=status,
        tag=tag,
        q=q,
        channel=channel,
        handled_by=handled_by,
        waiting=waiting,
    )
    return await list_conversations(caller, WorkspaceId(workspace_id), filters, cursor, limit)


@post("/workspaces/{workspace_id:uuid}/conversations", opt={"permission": Permission.MEMORY_WRITE})
async def post_companion(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[NewCompanion],  # noqa: ARG001 (refused when it says what nobody knows)
    start_companion: NamedDependency[StartCompanion],
) -> ConversationView:
    """Begin to talk with your companion, who knows what you have had remembered here; nobody else sees it."""
    return await start_companion(caller, WorkspaceId(workspace_id))


@get("/conversations/{conversation_id:uuid}", opt=READ)
async def get_conversation(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    read_conversation: NamedDependency[ReadConversation],
) -> ConversationView:
    """A conversation."""
    return await read_conversation(caller, ConversationId(conversation_id))


@patch("/conversations/{conversation_id:uuid}", opt=WRITE)
async def patch_conversation(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    data: JSONBody[ConversationPatch],
    expected_version: NamedDependency[int | None],
    edit_conversation: NamedDependency[EditConversation],
) -> ConversationView:
    """Close a conversation, open it again, or change its tags."""
    return await edit_conversation(caller, ConversationId(conversation_id), given(data), expected_version)


@delete("/conversations/{conversation_id:uuid}", opt=WRITE)
async def delete_members_conversation(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    remove_conversation: NamedDependency[RemoveConversation],
) -> None:
    """Erase a conversation, all that was said in it, and its visitor's token."""
    await remove_conversation(caller, ConversationId(conversation_id), expected_version)


@get("/conversations/{conversation_id:uuid}/messages", opt=READ)
async def get_members_messages(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    read_messages: NamedDependency[ReadMessages],
    since: Since = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MessageView]:
    """What was said, oldest first; `next_cursor` is always set, so that polling can go on by `since` or `cursor`."""
    return await read_messages(caller, ConversationId(conversation_id), since or cursor, limit)


@post("/conversations/{conversation_id:uuid}/messages", opt=WRITE)
async def post_member_message(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    data: JSONBody[NewMemberMessage],
    post_as_member: NamedDependency[PostAsMember],
) -> PostedMessage:
    """Tell the visitor something yourself: the assistant goes on as it did. Your own companion replies by a run."""
    return await post_as_member(caller, ConversationId(conversation_id), data.content, data.if_busy)


@post("/conversations/{conversation_id:uuid}/messages/{message_id:uuid}/feedback", status_code=200, opt=WRITE)
async def post_companion_feedback(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    message_id: FromPath[UUID],
    data: JSONBody[CompanionFeedback],
    rate_companion: NamedDependency[RateCompanion],
) -> MessageView:
    """Say what you think of a reply of your companion; a later word replaces it."""
    command = RateMessageCommand(
        conversation_id=ConversationId(conversation_id),
        message_id=MessageId(message_id),
        value=data.value,
        note=data.note,
    )
    return await rate_companion(caller, command)


@post("/conversations/{conversation_id:uuid}/takeover", status_code=200, opt=WRITE)
async def post_takeover(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    take_over: NamedDependency[TakeOver],
) -> ConversationView:
    """Answer yourself from now on: the assistant stops, and is silent until you hand the conversation back."""
    return await take_over(caller, ConversationId(conversation_id), expected_version)


@post("/conversations/{conversation_id:uuid}/handback", status_code=200, opt=WRITE)
async def post_handback(
    caller: NamedDependency[Caller],
    conversation_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    hand_back: NamedDependency[HandBack],
) -> ConversationView:
    """Have the assistant answer again, beginning with what nobody has answered yet."""
    return await hand_back(caller, ConversationId(conversation_id), expected_version)


@delete("/messages/{message_id:uuid}", opt=WRITE)
async def delete_message(
    caller: NamedDependency[Caller],
    message_id: FromPath[UUID],
    blank_message: NamedDependency[BlankMessage],
) -> None:
    """Take the content of a message away for good; its place stays, and whose it was.

    What your companion remembers of it is deleted as a memory is, which can be undone for 30 days.
    """
    await blank_message(caller, MessageId(message_id))


ROUTES = (
    get_conversations,
    post_companion,
    get_conversation,
    patch_conversation,
    delete_members_conversation,
    get_members_messages,
    post_member_message,
    post_companion_feedback,
    post_takeover,
    post_handback,
    delete_message,
)
