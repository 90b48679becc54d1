from contextlib import suppress
from datetime import datetime

from application.conversations.request_person import request_person
from application.ports.conversations import ConversationsWork
from domain.actors import ASSISTANT
from domain.conversations import ConversationClosed
from domain.usage import Limit, LimitReached, ReachedLimit, UsageEntry


async def hand_over(work: ConversationsWork, forbidden: UsageEntry, reached: ReachedLimit, at: datetime) -> None:
    """Has a person answer in the locked conversation where a limit forbade a call, unless it is with a companion.

    Members are told of the limit once for its day, and for the conversation or visitor it is for; of a new one again.
    """
    conversation = await work.conversations.lock(forbidden.conversation_id)
    private = conversation.user_id if reached.limit is Limit.CONVERSATION else None
    with suppress(ConversationClosed):  # which has got its last words
        await request_person(work, conversation, by=ASSISTANT, at=at)
    if await work.usage.notice(forbidden, reached):
        work.record(
            LimitReached(
                workspace_id=forbidden.workspace_id,
                actor=ASSISTANT,
                at=at,
                told_to=private,
                conversation_id=forbidden.conversation_id,
                limit=reached.limit,
                tokens=reached.tokens,
                spent=reached.spent,
            )
        )
