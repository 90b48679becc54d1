"""What of a question to a companion and its reply may be found again."""

from collections.abc import Sequence
from datetime import datetime

from application.conversations.briefing import CompanionWork
from application.memories.index_messages import index_messages
from domain.conversations import Message, MessageRole, Run
from domain.conversations.reply_prompt import Addressee
from domain.errors import NotFound
from domain.ids import MessageId
from domain.memories.taken_back import TakenBack
from domain.memories.wishes import asks_to_forget

_LOOKED_AT = 100


def has_to_forget(run: Run, asked: str) -> bool:
    """Whether the run answers who asks to have something forgotten, be it found or not.

    A call alone says nothing: what others wrote may have led the model to it.
    """
    return run.forgot or (run.asked_to_forget and asks_to_forget(asked))


async def taken_back(work: CompanionWork, question: Message, language: str) -> TakenBack:
    """What the user has asked since to have forgotten, as far as a companion has not taken it for something else.

    The unit has locked the conversation, so that no other message comes at the same time.
    """
    later = await work.messages.later(question, MessageRole.MEMBER, _LOOKED_AT)
    return TakenBack.by([each.content if await _may_ask(work, each) else "" for each in later], language)


async def index_turn(
    work: CompanionWork, run: Run, addressee: Addressee, language: str, back: TakenBack, at: datetime
) -> None:
    """Has the question and its reply found by the addressee, but for what they took back.

    Of a question that is answered once more only the reply: the question was there after the first time, and may have
    been forgotten since. Nothing of one that asks to forget something, and would quote it.
    """
    question = await work.messages.get(run.conversation_id, run.message_id)
    ids = [question.id, run.reply_message_id] if run.turn == question.turn else [run.reply_message_id]
    wished = has_to_forget(run, question.content)
    told = [] if wished else [each for each in ids if not back.holds(await _said(work, run, each))]
    await index_messages(work, run.conversation_id, tuple(told), addressee, language, at)


async def _may_ask(work: CompanionWork, message: Message) -> bool:
    runs: Sequence[Run] = await work.runs.answering(message)
    return any(run.asked_to_forget for run in runs) or not any(run.ended for run in runs)


async def _said(work: CompanionWork, run: Run, message_id: MessageId) -> str:
    try:
        return (await work.messages.get(run.conversation_id, message_id)).content
    except NotFound:  # the reply of a run that failed
        return ""
