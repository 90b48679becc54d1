import pytest

from domain.conversations import Channel
from domain.webhooks import DeliveryStatus, DeliveryType
from tests.application.webhooks.desk import Desk


async def test_a_message_of_another_channel_leaves_with_the_unit_that_stores_it(desk: Desk) -> None:
    await desk.set()
    conversation = await desk.conversation()
    message = await desk.say(conversation)

    delivery, (job,) = desk.delivery(), desk.jobs()
    assert (delivery.type, delivery.status) == (DeliveryType.MESSAGE_SENT, DeliveryStatus.PENDING)
    assert (delivery.conversation_id, delivery.message_id) == (conversation.id, message.id)
    assert (delivery.job_id, job.workspace_id) == (job.id, desk.workspace.id)
    assert job.subject is not None
    assert job.subject.id == delivery.id


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.WEB])
async def test_every_channel_but_the_web_is_one_of_these(desk: Desk, channel: Channel) -> None:
    await desk.set()
    await desk.say(await desk.conversation(channel))

    assert len(desk.deliveries()) == 1


async def test_nothing_leaves_from_the_web(desk: Desk) -> None:
    await desk.set()
    await desk.say(await desk.conversation(Channel.WEB))

    assert (desk.deliveries(), desk.jobs()) == ([], [])


async def test_what_a_visitor_says_does_not_come_back_to_them(desk: Desk) -> None:
    await desk.set()
    await desk.say(await desk.conversation(), visitor=True)

    assert desk.deliveries() == []


async def test_nothing_leaves_without_an_active_webhook(desk: Desk) -> None:
    conversation = await desk.conversation()
    await desk.say(conversation)
    await desk.set(active=False)
    await desk.say(conversation)

    assert desk.deliveries() == []
