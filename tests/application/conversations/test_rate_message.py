import asyncio

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.rate_companion import RateCompanion
from application.conversations.rate_message import RateMessage, RateMessageCommand
from application.ports.language_model import Finished, StopReason, TextDelta
from domain.conversations import ConversationErased, FeedbackValue
from domain.errors import Invalid, NotFound
from domain.ids import MessageId
from tests.application.conversations.members import a_member
from tests.application.world import Visit, World


async def a_reply(world: World) -> tuple[Visit, MessageId]:
    visit, claim = await world.asked()
    model = ScriptedLanguageModel([TextDelta("Hello."), Finished(reason=StopReason.END)])
    return visit, (await world.reply(claim, model)).reply_message_id


def rating(visit: Visit, message_id: MessageId, value: FeedbackValue, note: str | None = None) -> RateMessageCommand:
    return RateMessageCommand(conversation_id=visit.conversation_id, message_id=message_id, value=value, note=note)


async def test_a_later_rating_replaces_the_earlier(world: World) -> None:
    visit, reply = await a_reply(world)
    rate = RateMessage(world.begin, world.clock)
    await rate(visit.caller, rating(visit, reply, FeedbackValue.UP, "Great"))
    rated = await rate(visit.caller, rating(visit, reply, FeedbackValue.DOWN))

    at = world.clock.now().isoformat().replace("+00:00", "Z")
    assert rated.metadata == {"feedback": {"value": "down", "note": None, "at": at}}
    assert world.store.messages.rows[reply].metadata == rated.metadata


async def test_activity_keeps_the_value_and_not_the_note(world: World) -> None:
    visit, reply = await a_reply(world)
    await RateMessage(world.begin, world.clock)(
        visit.caller, rating(visit, reply, FeedbackValue.UP, "I am Grace, and I liked it")
    )

    (events,) = world.store.activity.values()
    assert (events[-1].type, events[-1].data["value"]) == ("message.rated", "up")
    assert "Grace" not in repr(events)


async def test_only_replies_of_ones_own_conversation_can_be_rated(world: World) -> None:
    visit, reply = await a_reply(world)
    another, _ = await a_reply(world)
    own = next(message.id for message in world.store.messages.rows.values() if message.content == "Hello?")
    rate = RateMessage(world.begin, world.clock)

    for caller, command in (
        (visit.caller, rating(visit, own, FeedbackValue.UP)),
        (another.caller, rating(visit, reply, FeedbackValue.UP)),
        (another.caller, rating(another, reply, FeedbackValue.UP)),
    ):
        with pytest.raises(NotFound):
            await rate(caller, command)
    with pytest.raises(Invalid):
        await rate(visit.caller, rating(visit, reply, FeedbackValue.UP, "x" * 2_001))
    assert "message.rated" not in world.happened()


async def test_a_rating_that_meets_an_erasure_finds_nothing_and_leaves_nothing(world: World) -> None:
    visit, reply = await a_reply(world)
    rate = RateMessage(world.begin, world.clock)
    async with world.begin() as work:
        conversation = await work.conversations.lock(visit.conversation_id)
        meanwhile = asyncio.create_task(rate(visit.caller, rating(visit, reply, FeedbackValue.UP)))
        await asyncio.sleep(0)
        erased = ConversationErased(
            workspace_id=conversation.workspace_id,
            actor=visit.caller.actor,
            at=world.clock.now(),
            conversation_id=conversation.id,
        )
        await work.conversations.erase(conversation, because=erased)
        await work.commit(None)

    with pytest.raises(NotFound):
        await meanwhile
    assert "message.rated" not in world.happened()


async def test_what_visitors_are_told_is_not_for_members_to_rate(world: World) -> None:
    visit, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("Hi."), Finished(reason=StopReason.END)]))
    command = RateMessageCommand(
        conversation_id=visit.conversation_id, message_id=run.reply_message_id, value=FeedbackValue.UP
    )
    with pytest.raises(NotFound):
        await RateCompanion(world.begin, world.clock)(a_member(world, visit), command)
    assert world.store.messages.rows[run.reply_message_id].metadata == {}
